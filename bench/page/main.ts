import * as Comlink from 'comlink';
import type { LongExport } from '../long-run.ts';
import type { Workbench } from './workbench.ts';

const worker = new Worker(new URL('./workbench.worker.ts', import.meta.url), { type: 'module' });

declare global {
	var workbench: Comlink.Remote<Workbench> | undefined;
	/** Calls `exportStarts`, which the benchmark puts into the page, before the export begins. */
	var exportLongRun: (() => Promise<LongExport>) | undefined;
	var exportStarts: (() => Promise<void>) | undefined;
}

globalThis.workbench = Comlink.wrap<Workbench>(worker);
globalThis.exportLongRun = () =>
	globalThis.workbench!.exportRun(Comlink.proxy(() => globalThis.exportStarts!()));
