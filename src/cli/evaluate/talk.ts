import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureChromium } from '../../../scripts/chromium.ts';
import { ensurePage } from '../../../scripts/page-build.ts';
import { servePage } from '../../../scripts/serve-page.ts';
import { sha256 } from '../../base/hash.ts';
import { canonicalJson, type Json } from '../../base/json.ts';
import type { Environment } from '../../environment/environment.ts';
import { fewerScenarios } from '../../run/config.ts';
import { storedSearches } from '../../run/stored-searches.ts';
import type { RunConfig } from '../../search/run-config.ts';
import { searchId } from '../../search/run.ts';
import { FolderStore } from '../../store/folder-store.ts';
import type { RunRecord, RunStore, ScenarioEvent } from '../../store/run-store.ts';
import { serviceOnServers, runToRest } from '../harvest/server-run.ts';
import { areOnServers, modelWords, noticesOf } from '../model-flags.ts';
import { folderName } from '../model-spec.ts';
import { pageFor } from '../models-in-page.ts';
import { NodeFiles } from '../node-files.ts';
import { OutFolder } from '../out-folder.ts';
import { ProgressDisplay } from '../progress-display.ts';
import { begunIn, damageIn, openRunFolder, runIn, standingIn } from '../run-folder.ts';
import { runInPage } from '../run-in-page.ts';
import type { Screen } from '../status-line.ts';
import { withBrowser } from '../with-browser.ts';
import type { EvaluateOptions } from './evaluate-options.ts';
import { modelsMade } from './models-made.ts';

export interface TalkNeeds {
	readonly screen: Screen;
	/** After an abort, what was done is kept. */
	readonly signal: AbortSignal;
	/** Another build of the page, for tests. */
	readonly pageFolder?: string;
}

/** The environment of an evaluation. */
interface Pack {
	readonly text: string;
	readonly environment: Environment;
}

/**
 * Has conversations as a run with the strategy `plain`, in a folder below `kept`: one that was cut off goes on, and what an evaluation with more or
 * fewer scenarios or trials has kept is taken over.
 *
 * @returns undefined if it was interrupted
 * @throws {UsageError} if another process does the same
 */
export async function talk(
	options: Omit<EvaluateOptions, 'json' | 'compare'>,
	config: RunConfig,
	pack: Pack,
	{ screen, signal, pageFolder }: TalkNeeds
): Promise<{ readonly record: RunRecord; readonly store: RunStore } | undefined> {
	const { models, workers } = options;
	const siblings = await folderFor(options, config, pack.environment);
	const path = join(siblings, `${config.scenarios.length}x${config.trials ?? 1}`);
	const display = new ProgressDisplay(screen, 'conversations');
	const fewer = fewerScenarios(config);
	const announce = (kept: number) => {
		const more = kept === 0 ? '' : `; ${kept} more are kept in ${siblings}`;
		const missing = config.scenarios.length * (config.trials ?? 1) - kept;
		display.note(`${missing} conversations of ${modelWords(models)}, ${workers} at once${more}`);
		for (const notice of noticesOf(models)) display.note(notice);
	};
	const known = (record: RunRecord) => knownElsewhere(siblings, record, pack.environment);
	try {
		if (areOnServers(models)) {
			const folder = await openRunFolder(path);
			if (fewer !== undefined) display.note(fewer);
			if (folder.record?.status !== 'finished') {
				const { service, sources } = serviceOnServers(models, pack.text, folder, signal, {});
				const record = folder.record ?? (await service.create(config, sources));
				if (!folder.record) await takeOver(folder.store, record, known(record));
				const standing = await standingIn(folder.store, record, pack.environment);
				announce(standing.ended.length);
				display.begin(begunIn(standing));
				const state = await runToRest(service, record.id, { workers, sources }, display, signal);
				if ('reason' in state && !signal.aborted) throw new Error(state.reason);
			}
			const { store } = folder;
			return finished(store, await runIn(store, path));
		}
		const folder = await OutFolder.open(path);
		if (folder.record?.status === 'finished') {
			if (fewer !== undefined) display.note(fewer);
		} else await inPage(folder);
		return finished(folder.store, folder.record);
	} catch (error) {
		if (signal.aborted) return undefined;
		throw error;
	} finally {
		display.end();
	}

	async function inPage(folder: OutFolder): Promise<void> {
		const { record } = folder;
		if (record) announce((await standingIn(folder.store, record, pack.environment)).ended.length);
		const served = await servePage(pageFolder ?? ensurePage(), 0);
		const wanted = {
			config: () => config,
			models,
			pack: pack.text,
			workers,
			async *known(made: RunRecord) {
				let kept = 0;
				for await (const event of known(made)) {
					// Each has a first event.
					if (event.event.n === 0) kept++;
					yield event;
				}
				announce(kept);
			}
		};
		try {
			await withBrowser(
				{ url: pageFor(models, served.url), chromium: ensureChromium(), display, signal },
				() => folder.steps,
				async (page) => {
					const { failure } = await runInPage(page, wanted, { folder, display, signal });
					if (failure !== undefined && !signal.aborted) throw new Error(failure);
				}
			);
		} finally {
			await served.close();
		}
	}
}

function finished(
	store: RunStore,
	record: RunRecord | undefined
): { readonly record: RunRecord; readonly store: RunStore } | undefined {
	return record?.status === 'finished' ? { record, store } : undefined;
}

/** Named after everything that decides how conversations go, so that what is found there can be taken as it is. */
async function folderFor(
	{ kept, models, split, seed }: Omit<EvaluateOptions, 'json' | 'compare'>,
	config: RunConfig,
	environment: Environment
): Promise<string> {
	const { scenarios: _, scenariosAsked: _asked, trials: _trials, ...made } = config;
	const text = canonicalJson({
		...made,
		environment: environment.hash,
		models: await modelsMade(models)
	} as unknown as Json);
	return join(kept, `${folderName(models.agent)}-${split}-seed-${seed}-${(await sha256(text)).slice(0, 8)}`);
}

/** Events that are stored at once. */
const batch = 1000;

async function takeOver(
	store: RunStore,
	{ id }: RunRecord,
	events: AsyncIterable<ScenarioEvent>
): Promise<void> {
	let waiting: ScenarioEvent[] = [];
	for await (const event of events) {
		waiting.push(event);
		if (waiting.length < batch) continue;
		await store.append(id, waiting);
		waiting = [];
	}
	await store.append(id, waiting);
}

/** Finished conversations of a new run that others beside it have kept. */
async function* knownElsewhere(
	siblings: string,
	{ id, config, origin }: RunRecord,
	environment: Environment
): AsyncGenerator<ScenarioEvent> {
	const work = (one: Pick<RunRecord, 'config' | 'origin'>) => {
		const { scenarios: _, scenariosAsked: _asked, trials: _trials, ...made } = one.config;
		const { details: _details, ...by } = one.origin;
		return canonicalJson({ made, by } as unknown as Json);
	};
	const missing = new Set(
		config.scenarios.flatMap((scenario) =>
			Array.from({ length: config.trials ?? 1 }, (_, trial) => `${trial} ${scenario}`)
		)
	);
	for (const name of await readdir(siblings).catch(() => [])) {
		const store = new FolderStore(new NodeFiles(join(siblings, name)));
		const record = await runIn(store, join(siblings, name)).catch(() => undefined);
		if (!record || record.id === id || work(record) !== work({ config, origin })) continue;
		if ((await damageIn(store, record)).length > 0) continue;
		for await (const search of storedSearches(store, record, environment)) {
			if (!('tree' in search) || !search.tree.done) continue;
			const { scenario, trial, history } = search;
			if (!missing.delete(`${trial} ${scenario.id}`)) continue;
			const one = searchId(scenario.id, trial);
			for (const event of history) yield { ...one, event };
		}
	}
}
