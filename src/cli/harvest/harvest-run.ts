import { createRunConfig, fewerScenarios } from '../../run/config.ts';
import type { ModelSource, RoleModels } from '../../models/source.ts';
import { sourcesOf } from '../../run/conductor.ts';
import type { EnvironmentSummary, HarvestSummary, RunState, StartOptions } from '../../run/run-service.ts';
import type { RunConfig } from '../../search/run-config.ts';
import type { RunRecord } from '../../store/run-store.ts';
import { chosenScenarios } from '../chosen-scenarios.ts';
import { configDifferences, refuseDifferences } from '../config-differences.ts';
import type { HarvestOptions } from './harvest-options.ts';
import { serverKeys } from '../model-flags.ts';
import { specText } from '../model-spec.ts';
import { lossesIn, modelsInPage, modelsToGoOn } from '../models-in-page.ts';
import type { OutFolder } from '../out-folder.ts';
import type { HeadlessUpdate, PageService } from '../page-service.ts';
import type { ProgressDisplay } from '../progress-display.ts';
import { withBrowser, type BrowserNeeds } from '../with-browser.ts';

/** How long a pause may take before what is not stored is given up. */
const pauseLimit = 10_000;

/** How long to wait for the reason of a run that stopped: states and results come by different ways. */
const reasonLimit = 2_000;

/** `signal` pauses the run. */
export interface Surroundings extends BrowserNeeds {
	readonly folder: OutFolder;
	readonly display: ProgressDisplay;
}

/**
 * Runs what the options say in the page, from where the folder has got to, and writes the results into the folder.
 * A browser that dies is replaced.
 *
 * @returns undefined if it was paused
 * @throws {UsageError} if the folder holds a run with another configuration, or the split has no scenarios
 */
export async function harvestRun(
	options: HarvestOptions,
	surroundings: Surroundings
): Promise<HarvestSummary | undefined> {
	return withBrowser(
		surroundings,
		() => surroundings.folder.steps,
		(page) => inPage(page, options, surroundings)
	);
}

async function inPage(
	page: PageService,
	options: HarvestOptions,
	{ folder, display, signal }: Surroundings
): Promise<HarvestSummary | undefined> {
	const { record, models } = await bringRun(page, options, folder, (text) => display.note(text));
	for (const loss of lossesIn(record.origin)) display.note(loss);
	const fewer = fewerScenarios(record.config);
	if (fewer !== undefined) display.note(fewer);
	display.begin(folder.begun);

	let state: RunState = { phase: 'idle' };
	let active = 0;
	await page.watch(record.id, (update: HeadlessUpdate) => {
		switch (update.type) {
			case 'event':
				folder.append({ scenario: update.scenario, event: update.event });
				return display.stepped(update.scenario);
			case 'progress':
				active = update.progress.activeMilliseconds;
				return display.update(update.progress);
			case 'failure':
				return display.note(`${update.scenario} stopped: ${update.reason}`);
			case 'state':
				state = update.state;
		}
	});

	try {
		await runOrPause(
			page,
			record.id,
			{ workers: options.workers, sources: models },
			AbortSignal.any([signal, folder.failed])
		);
	} finally {
		// A browser that dies leaves no record of its own.
		await folder.ran(active);
	}
	const after = (await page.list()).find(({ id }) => id === record.id) ?? record;
	// Updates may still be under way; the page's own list of events is complete.
	await folder.complete(after, await page.events(record.id));
	if (signal.aborted) return undefined;

	// Of a run that failed, too: one bad scenario should not cost a night.
	const { files, summary } = await page.export(record.id);
	await folder.write(files);
	if (after.status === 'finished') return summary;
	const deadline = Date.now() + reasonLimit;
	while (!('reason' in state) && Date.now() < deadline)
		await new Promise((resolve) => setTimeout(resolve, 50));
	throw new Error(
		'reason' in state ? `the run stopped: ${state.reason}` : `the run stopped (${state.phase})`
	);
}

/** A new run, or the folder's with its history. */
async function bringRun(
	page: PageService,
	options: HarvestOptions,
	folder: OutFolder,
	note: (text: string) => void
): Promise<{ readonly record: RunRecord; readonly models: RoleModels<ModelSource> }> {
	const config = configOf(options, await page.environment());
	const there = folder.record;
	// Before a file of gigabytes is copied.
	if (there) refuseDifferences(folder.path, configDifferences(there.config, config));
	const here = await modelsInPage(page, options.models, note);
	for (const [address, key] of Object.entries(serverKeys(options.models))) await page.useKey(address, key);
	if (there === undefined) {
		const record = await page.create(config, here);
		await folder.begin(record, await page.pack(record.id));
		return { record, models: here };
	}
	const { models, differences } = modelsToGoOn(sourcesOf(there), here, {
		there: { agent: there.origin.agentModel.name, user: there.origin.userModel.name },
		here: { agent: specText(options.models.agent), user: specText(options.models.user) }
	});
	refuseDifferences(folder.path, differences);
	await page.import(there, await folder.events());
	return { record: there, models };
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

function configOf(options: HarvestOptions, environment: EnvironmentSummary): RunConfig {
	return createRunConfig({
		...chosenScenarios(environment, options.split, options.scenarios),
		seed: options.seed,
		beam: options.beam,
		agentTemperature: options.temperature,
		userTemperature: options.userTemperature,
		maxTokens: options.models.maxTokens
	});
}
