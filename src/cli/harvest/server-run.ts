import packageJson from '../../../package.json' with { type: 'json' };
import { UsageError } from '../../../scripts/flags.ts';
import { ToolNames } from '../../dialogue/tool-names.ts';
import type { Environment } from '../../environment/environment.ts';
import { loadEnvironment } from '../../environment/pack-environment.ts';
import { defaultSettings, type ServerSource } from '../../models/server/settings.ts';
import { createRunConfig, fewerScenarios, type ChosenScenarios } from '../../run/config.ts';
import { LocalRunService } from '../../run/local-run-service.ts';
import type { RunState, StartOptions } from '../../run/run-service.ts';
import { SingleTab } from '../../run/single-tab.ts';
import type { RunConfig } from '../../search/run-config.ts';
import type { RunRecord } from '../../store/run-store.ts';
import { chosenScenarios } from '../chosen-scenarios.ts';
import { configDifferences, refuseDifferences } from '../config-differences.ts';
import type { HarvestOptions, HarvestOutcome } from './harvest-options.ts';
import { noticesOf, modelWords, serverSources, type ChosenModels } from '../model-flags.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ModelSource, RoleModels } from '../../models/source.ts';
import { NodeScratch } from '../node-dataset.ts';
import { packFile, readPack } from '../pack-file.ts';
import { askInTerminal } from '../ask-person.ts';
import { usualPack } from '../../environment/shipped.ts';
import { modelsOnServers } from '../models-on-servers.ts';
import { ProgressDisplay } from '../progress-display.ts';
import { asJson, detailsIn, detailsOf } from '../run-details.ts';
import { writePlainFiles } from '../plain-files.ts';
import { begunIn, openRunFolder, standingIn, type RunFolder } from '../run-folder.ts';
import { shardOf, type Shard } from '../shards.ts';
import type { Screen } from '../status-line.ts';

/**
 * Runs what the options say in this process, from where the folder has got to, and writes the results into the folder.
 *
 * @param signal pauses the run; what is done is kept
 * @throws {UsageError} if the folder cannot be used or holds a run with other settings, or the split has no scenarios
 * @throws {ModelLoadError} if a new run's server is not there or has no such model
 */
export async function serverRun(
	options: HarvestOptions,
	{ screen, signal }: { readonly screen: Screen; readonly signal: AbortSignal }
): Promise<HarvestOutcome> {
	const { models, workers } = options;
	const { agent } = serverSources(models);
	const pack = await readPack(options.pack ?? packFile(usualPack));
	const chosen = chosenScenarios(pack.environment, options.split, options.scenarios);
	const config = configOf(options, chosen);
	const folder = await openRunFolder(options.out);
	if (folder.record) refuseOtherSettings(folder.path, folder.record, config, options.shard);
	const { service, sources } = serviceOnServers(
		models,
		pack.text,
		folder,
		signal,
		asJson(detailsOf(options))
	);

	const display = new ProgressDisplay(screen);
	display.note(announcement(options, config));
	const fewer = fewerScenarios(chosen);
	if (fewer !== undefined) display.note(fewer);
	for (const notice of noticesOf(models)) display.note(notice);
	const renamed = renamings(agent, pack.environment);
	if (renamed !== undefined) display.note(renamed);
	try {
		const made = folder.record ?? (await service.create(config, sources));
		const { id } = made;
		// Of the run, whatever the pack is that is asked for now.
		const own = await service.pack(id);
		const environment = await loadEnvironment(own, 'stored');
		const before = await standingIn(folder.store, made, environment);
		if (before.figures.events > 0) display.note(`continued from ${before.figures.events} steps`);
		display.begin(begunIn(before));
		const state = await runToRest(service, id, { workers, sources }, display, signal);
		const record = await service.get(id);
		const steps = (await standingIn(folder.store, record, environment)).figures.events;
		if (signal.aborted && state.phase !== 'finished') return { steps };
		// Of a run that failed, too: one bad scenario should not cost a night.
		const { path, store } = folder;
		const summary = await writePlainFiles({ path, store, record, pack: own, environment });
		if (state.phase === 'finished') return { steps, summary };
		return { steps, failure: 'reason' in state ? state.reason : state.phase };
	} catch (error) {
		// A pause while the server is being asked for its model.
		if (signal.aborted && error instanceof Error && error.name === 'AbortError') return { steps: 0 };
		throw error;
	} finally {
		display.end();
	}
}

/** A run service of this process whose models are on servers. @param details what manifests should tell beside models */
export function serviceOnServers(
	models: ChosenModels,
	pack: string,
	{ store }: Pick<RunFolder, 'store'>,
	signal: AbortSignal,
	details: JsonObject
): { readonly service: LocalRunService; readonly sources: RoleModels<ModelSource> } {
	const { sources, spawn } = modelsOnServers(serverSources(models), signal);
	const service = new LocalRunService({
		store,
		fetchPack: async () => pack,
		spawn,
		tabs: new SingleTab(),
		scratch: () => NodeScratch.create(),
		...(process.stdin.isTTY && { ask: askInTerminal }),
		version: packageJson.version,
		details
	});
	return { service, sources };
}

/** Runs until it is finished, paused or failed, and tells of it. */
export async function runToRest(
	service: LocalRunService,
	id: string,
	options: StartOptions,
	display: ProgressDisplay,
	signal: AbortSignal
): Promise<RunState> {
	let state: RunState = { phase: 'idle' };
	const unwatch = await service.watch(id, (update) => {
		if (update.type === 'event') display.stepped(update);
		else if (update.type === 'progress') display.update(update.progress);
		else if (update.type === 'failure') display.note(`${update.scenario} stopped: ${update.reason}`);
		else if (update.type === 'warning') display.note(`Warning: ${update.warning}.`);
		else if (update.type === 'state') state = update.state;
	});
	const pause = () => void service.pause();
	signal.addEventListener('abort', pause);
	try {
		if (!signal.aborted) await service.start(id, options);
	} finally {
		signal.removeEventListener('abort', pause);
		await unwatch();
	}
	return state;
}

function announcement({ models, shard, workers, out }: HarvestOptions, config: RunConfig): string {
	const part = shard ? ` (shard ${shard.number} of ${shard.of})` : '';
	return `Harvesting ${config.scenarios.length} scenarios${part} with ${modelWords(models)}, ${workers} scenarios at once, into ${out}`;
}

/** Which tools the server is told of by other names. */
function renamings({ settings }: ServerSource, { tools }: Environment): string | undefined {
	if ((settings?.tools ?? defaultSettings.tools) !== 'native') return undefined;
	const changes = [...new ToolNames(tools).changes].map(([name, other]) => `${name} as ${other}`);
	return changes.length === 0
		? undefined
		: `Tools are sent under names that the API takes: ${changes.join(', ')}`;
}

/** @param chosen for all shards together */
function configOf(options: HarvestOptions, chosen: ChosenScenarios): RunConfig {
	const { shard, seed, trials, parts } = options;
	const scenarios = shard ? shardOf(chosen.scenarios, shard) : chosen.scenarios;
	if (scenarios.length === 0)
		throw new UsageError(
			`--shard ${shard!.number}/${shard!.of}: there are only ${chosen.scenarios.length} scenarios.`
		);
	return createRunConfig({
		...chosen,
		scenarios,
		trials,
		seed,
		...parts
	});
}

function refuseOtherSettings(
	folder: string,
	{ config: there, origin }: RunRecord,
	here: RunConfig,
	shard: Shard | undefined
): void {
	const written = (one: Shard | undefined) => (one ? `${one.number}/${one.of}` : 'none');
	const [was, is] = [written(detailsIn(origin)?.shard), written(shard)];
	refuseDifferences(folder, [
		...(was === is ? [] : [`--shard: ${was} there, ${is} here`]),
		...configDifferences(there, here)
	]);
}
