import { ensureChromium } from '../../../scripts/chromium.ts';
import { ensurePage } from '../../../scripts/page-build.ts';
import { servePage } from '../../../scripts/serve-page.ts';
import type { HarvestOptions, HarvestOutcome } from './harvest-options.ts';
import { harvestRun } from './harvest-run.ts';
import { embeddedModels, modelWords, noticesOf } from '../model-flags.ts';
import { pageFor } from '../models-in-page.ts';
import { OutFolder } from '../out-folder.ts';
import { ProgressDisplay } from '../progress-display.ts';
import type { Screen } from '../status-line.ts';

export interface HarvestNeeds {
	readonly screen: Screen;
	/** After an abort, what was done is kept. */
	readonly signal: AbortSignal;
	/** Another build of the page, for tests. */
	readonly pageFolder?: string;
}

/** A harvest failed after some of its steps were kept. */
export class HarvestError extends Error {
	override readonly name = 'HarvestError';
	readonly steps: number;

	constructor(cause: unknown, steps: number) {
		super(cause instanceof Error ? cause.message : String(cause), { cause });
		this.steps = steps;
	}
}

/**
 * A harvest in the page, without a screen, into a folder; one that was cut off goes on.
 *
 * @throws {UsageError} if the folder cannot be used or the split has no scenarios
 * @throws {HarvestError}
 */
export async function harvest(
	options: HarvestOptions,
	{ screen, signal, pageFolder }: HarvestNeeds
): Promise<HarvestOutcome> {
	const folder = await OutFolder.open(options.out);
	const chromium = ensureChromium();
	const page = await servePage(pageFolder ?? ensurePage(), 0);
	const display = new ProgressDisplay(screen);
	const continued = folder.record === undefined ? '' : `, continued from ${folder.steps} steps`;
	const { models } = options;
	const words = modelWords(models);
	const of = words === modelWords(embeddedModels) ? '' : ` of ${words}`;
	display.note(
		`Harvesting ${options.scenarios} ${options.split} scenarios${of} with ${options.workers} workers into ${options.out}${continued}`
	);
	for (const notice of noticesOf(models)) display.note(notice);
	try {
		const summary = await harvestRun(options, {
			url: pageFor(models, page.url),
			chromium,
			folder,
			display,
			signal
		});
		return { steps: folder.steps, ...(summary && { summary }) };
	} catch (error) {
		if (folder.steps === 0 || (error instanceof Error && error.name === 'UsageError')) throw error;
		throw new HarvestError(error, folder.steps);
	} finally {
		display.end();
		await page.close();
	}
}
