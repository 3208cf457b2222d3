import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import type { Environment } from '../environment/environment.ts';
import { isUnscored, scored } from '../run/old-events.ts';
import { snapshotOf, storedSearches, type RunSnapshot } from '../run/stored-searches.ts';
import { searchId, type SearchId } from '../search/run.ts';
import { FolderStore } from '../store/folder-store.ts';
import { StoreError, type RunRecord, type RunStore } from '../store/run-store.ts';
import { damageError } from '../store/stored-data.ts';
import { lockFile, lockFolder } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';
import { NodeFiles } from './node-files.ts';

/** A folder of one run, held by this process. */
export interface RunFolder {
	readonly path: string;
	readonly store: FolderStore;
	/** Absent if the folder holds no run yet. */
	readonly record?: RunRecord;
}

/**
 * @throws {UsageError} if it cannot be written, is in use, or holds something other than a run
 * @throws {StoreError} if something of its run is damaged: what is written next might hide it
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
	try {
		await makeFolder(path);
		lockFolder(path);
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(
			`--out ${path} cannot be written (${error instanceof Error ? error.message : String(error)}). Choose another folder.`
		);
	}
	const store = new FolderStore(new NodeFiles(path));
	const record = await runIn(store, path);
	if (!record) {
		if (!(await isLeftByStart(path)))
			throw new UsageError(
				`${path} is not empty and holds no run. Nothing was changed; choose another --out.`
			);
		for (const name of remains) await rm(join(path, name), { recursive: true, force: true });
		return { path, store };
	}
	const damage = await damageIn(store, record);
	if (damage.length > 0)
		throw damageError(
			damage.map((one) => `${path}: ${one}`),
			'Nothing was changed. Restore the folder from a copy, or choose another --out; npm run dataset reads what is left of it.'
		);
	return { path, store, record };
}

/**
 * The one run in a folder, if there is one.
 * @throws {UsageError} if there are several
 * @throws {StoreError} if its record is damaged
 */
export async function runIn(store: FolderStore, path: string): Promise<RunRecord | undefined> {
	const { runs, damaged } = await store.list();
	if (damaged.length > 0)
		throw new StoreError(
			damaged.map(({ reason }) => `${path}: ${reason}`).join('\n') + ' Nothing was changed.'
		);
	if (runs.length > 1) throw new UsageError(`${path} holds ${runs.length} runs, not one.`);
	return runs[0];
}

/** What of a run cannot be read, each piece with its place. */
export async function damageIn(store: FolderStore, record: RunRecord): Promise<readonly string[]> {
	const pack = await store.pack(record.origin.pack.hash);
	// The caller that continues the run brings its pack again.
	if (pack === undefined) return (await store.events(record.id)).damage;
	const environment = await loadEnvironment(pack, 'stored');
	const damage = [...(await store.strays(record.id))];
	// All of it is looked at, what has ended too: what is written next must not hide anything.
	for await (const search of storedSearches(scored(store, record, environment), record, environment))
		if ('damage' in search) damage.push(search.damage.join('; '));
	return [...new Set(damage)];
}

/** What is there before a run's first step. */
const remains = ['packs', 'runs'] as const;

/** Whether all that is in a folder without a run was put there by a start that a full disk or a kill cut off. */
async function isLeftByStart(path: string): Promise<boolean> {
	const names = (await readdir(path, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
	return names.every((name) => name === lockFile || startedPath.test(name));
}

const startedPath = /^(packs(\/[0-9a-f]{64}\.json(\.partial)?)?|runs(\/[\w-]+(\/run\.json\.partial)?)?)$/;

/**
 * Where a stored run stands; what has ended without a summary is summarized for good.
 * @param environment the one that the run was made with
 */
export async function standingIn(
	store: RunStore,
	record: RunRecord,
	environment: Environment
): Promise<RunSnapshot> {
	const { id } = record;
	const searches = scored(store, record, environment);
	return snapshotOf(searches, record, environment, await store.overview(id), {
		// Events of an old schema are kept as they are, and a summary would be of others.
		...(!isUnscored(record) && { onEnded: (ended) => store.append(id, [], ended) })
	});
}

/** Searches that have events. */
export function begunIn({ ended, open }: RunSnapshot): SearchId[] {
	return [
		...ended.map(({ scenario, trial }) => searchId(scenario, trial)),
		...open.flatMap(({ scenario, trial, history }) =>
			history.length > 0 ? [searchId(scenario.id, trial)] : []
		)
	];
}
