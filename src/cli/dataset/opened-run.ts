import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../scripts/flags.ts';
import { piecesOf } from '../../base/bytes.ts';
import { loadEnvironment } from '../../environment/pack-environment.ts';
import { runFolder } from '../../dataset/folder.ts';
import type { StoredRun } from '../../run/export-run.ts';
import { scored } from '../../run/old-events.ts';
import type { SearchStore } from '../../run/stored-searches.ts';
import type { RunRecord } from '../../store/run-store.ts';
import { FolderStore } from '../../store/folder-store.ts';
import { openArchive, readRunFiles, type ReadFile } from '../../store/run-files.ts';
import { NodeFiles } from '../node-files.ts';
import { runIn } from '../run-folder.ts';

/** A run that is only read, wherever it lies. */
export type OpenedRun = Pick<StoredRun, 'store' | 'record' | 'environment'> & { readonly pack: string };

/**
 * The run in a run's folder, a dataset folder or an archive of one.
 * @throws {UsageError} if there is none
 * @throws {StoreError} if its record or its pack is damaged, or the archive is; damaged events are left to who reads them
 */
export async function openRun(path: string): Promise<OpenedRun> {
	const kind = await stat(path).catch(() => undefined);
	if (!kind) throw new UsageError(`--run: there is nothing at ${path}.`);
	if (kind.isFile()) return fromFiles(await openArchive(await openAsBlob(path)));
	const inFolder = async (file: string) => {
		const at = join(path, file);
		return (await stat(at).catch(() => undefined)) && piecesOf(await openAsBlob(at));
	};
	const parts = await Promise.all(Object.values(runFolder).map(inFolder));
	return parts.some((part) => part) ? fromFiles(inFolder) : fromStore(path);
}

async function fromFiles(read: ReadFile): Promise<OpenedRun> {
	const { record, pack, events, strays } = await readRunFiles(read);
	const store = {
		events: (_id: string, scenario?: string) => events(scenario),
		strays: async () => strays
	};
	return opened(store, record, pack);
}

async function fromStore(path: string): Promise<OpenedRun> {
	const store = new FolderStore(new NodeFiles(path));
	const record = await runIn(store, path);
	if (!record) throw new UsageError(`--run: ${path} holds no run.`);
	const pack = await store.pack(record.origin.pack.hash);
	if (pack === undefined)
		throw new UsageError(`--run: ${path} lacks its environment pack ${record.origin.pack.hash}.`);
	return opened(store, record, pack);
}

async function opened(store: SearchStore, record: RunRecord, pack: string): Promise<OpenedRun> {
	const environment = await loadEnvironment(pack, 'stored');
	return { store: scored(store, record, environment), record, pack, environment };
}
