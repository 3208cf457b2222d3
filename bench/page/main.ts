import * as Comlink from 'comlink';
import type { Workbench } from './workbench.ts';

const worker = new Worker(new URL('./workbench.worker.ts', import.meta.url), { type: 'module' });

declare global {
	var workbench: Comlink.Remote<Workbench> | undefined;
}

globalThis.workbench = Comlink.wrap<Workbench>(worker);
