import type { ModelSource, RoleModels } from '../models/source.ts';
import { sourcesOf } from '../run/conductor.ts';
import { fewerScenarios } from '../run/config.ts';
import { progressOfBoth } from '../run/figures.ts';
import type { EnvironmentSummary, RunState, StartOptions } from '../run/run-service.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { RunRecord, ScenarioEvent } from '../store/run-store.ts';
import { configDifferences, refuseDifferences } from './config-differences.ts';
import { serverKeys, type ChosenModels } from './model-flags.ts';
import { specText } from './model-spec.ts';
import { lossesIn, modelsInPage, modelsToGoOn } from './models-in-page.ts';
import type { OutFolder, RestOfRun } from './out-folder.ts';
import type { HeadlessUpdate, PageService } from './page-service.ts';
import type { ProgressDisplay } from './progress-display.ts';

/** How long a pause may take before what is not stored is given up. */
const pauseLimit = 10_000;

/** How long to wait for the reason of a run that stopped: states and results come by different ways. */
const reasonLimit = 2_000;

/** A run that is to be in a folder. */
export interface WantedRun {
	/** @param environment the one that the page uses by itself */
	readonly config: (environment: EnvironmentSummary) => RunConfig;
	readonly models: ChosenModels;
	/** JSON text; absent for the page's own environment. */
	readonly pack?: string;
	readonly workers: number;
	/** Finished steps of a new run that are known from elsewhere. */
	readonly known?: (record: RunRecord) => AsyncIterable<ScenarioEvent>;
}

export interface RunPlace {
	readonly folder: OutFolder;
	readonly display: ProgressDisplay;
	/** Aborting pauses the run. */
	readonly signal: AbortSignal;
}

/**
 * Runs in the page what is wanted, from where the folder has got to, until it is finished, paused or failed.
 *
 * @returns the run's record as it is then, and why it stopped, if it did before its end
 * @throws {UsageError} if the folder holds a run with another configuration
 */
export async function runInPage(
	page: PageService,
	wanted: WantedRun,
	{ folder, display, signal }: RunPlace
): Promise<{ readonly record: RunRecord; readonly failure?: string }> {
	const { record, models, rest } = await bringRun(page, wanted, folder, (text) => display.note(text));
	for (const loss of lossesIn(record.origin)) display.note(loss);
	const fewer = fewerScenarios(record.config);
	if (fewer !== undefined) display.note(fewer);
	display.begin(folder.begun);
	// It was cut off behind its last step.
	if (!rest) return { record: await folder.complete({ ...record, status: 'finished' }) };

	let state: RunState = { phase: 'idle' };
	let active = 0;
	const warnings = new Set<string>();
	await page.watch(record.id, (update: HeadlessUpdate) => {
		switch (update.type) {
			case 'event': {
				const { type: _, ...event } = update;
				folder.append(event);
				return display.stepped(update);
			}
			case 'progress':
				active = update.progress.activeMilliseconds;
				return display.update(progressOfBoth(rest.before, update.progress));
			case 'failure':
				return display.note(`${update.scenario} stopped: ${update.reason}`);
			case 'warning':
				warnings.add(update.warning);
				return display.note(`Warning: ${update.warning}.`);
			case 'state':
				state = update.state;
		}
	});

	try {
		await runOrPause(
			page,
			record.id,
			{ workers: wanted.workers, sources: models },
			AbortSignal.any([signal, folder.failed])
		);
	} finally {
		// A browser that dies leaves no record of its own.
		await folder.ran(active, warnings);
	}
	// Updates may still be under way.
	for (const scenario of new Set(
		(await page.rows(record.id)).filter((row) => folder.lacks(row)).map((row) => row.scenario)
	))
		for (const event of await page.events(record.id, scenario)) folder.append(event);
	const after = await folder.complete(await page.get(record.id));
	if (after.status === 'finished' || signal.aborted) return { record: after };
	const deadline = Date.now() + reasonLimit;
	while (!('reason' in state) && Date.now() < deadline)
		await new Promise((resolve) => setTimeout(resolve, 50));
	return {
		record: after,
		failure: 'reason' in state ? `the run stopped: ${state.reason}` : `the run stopped (${state.phase})`
	};
}

/** A new run, or the rest of the folder's with its history. What has ended stays in the folder. */
async function bringRun(
	page: PageService,
	wanted: WantedRun,
	folder: OutFolder,
	note: (text: string) => void
): Promise<{
	readonly record: RunRecord;
	readonly models: RoleModels<ModelSource>;
	readonly rest: RestOfRun | undefined;
}> {
	const config = wanted.config(await page.environment());
	const there = folder.record;
	// Before a file of gigabytes is copied.
	if (there) refuseDifferences(folder.path, configDifferences(there.config, config));
	const here = await modelsInPage(page, wanted.models, note);
	for (const [address, key] of Object.entries(serverKeys(wanted.models))) await page.useKey(address, key);
	if (there === undefined) {
		const record = await page.create(config, here, wanted.pack);
		await folder.begin(record, await page.pack(record.id));
		for await (const event of wanted.known?.(record) ?? []) {
			folder.append(event);
			if (event.event.n === 0) await folder.flush();
		}
		const rest = await folder.rest();
		if (rest && folder.steps > 0) {
			await page.delete(record.id);
			await page.import(rest.record, rest.events, await folder.pack());
		}
		return { record, models: here, rest };
	}
	const { models, differences } = modelsToGoOn(sourcesOf(there), here, {
		there: { agent: there.origin.agentModel.name, user: there.origin.userModel.name },
		here: { agent: specText(wanted.models.agent), user: specText(wanted.models.user) }
	});
	refuseDifferences(folder.path, differences);
	const rest = await folder.rest();
	if (rest) await page.import(rest.record, rest.events, await folder.pack());
	return { record: there, models, rest };
}

async function runOrPause(
	page: PageService,
	id: string,
	options: StartOptions,
	signal: AbortSignal
): Promise<void> {
	const run = page.start(id, options);
	if (signal.aborted) await page.pause();
	const pause = () => {
		page.pause().catch(() => undefined);
		setTimeout(() => void page.close(), pauseLimit).unref();
	};
	signal.addEventListener('abort', pause);
	try {
		await run;
	} finally {
		signal.removeEventListener('abort', pause);
	}
}
