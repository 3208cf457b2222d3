import { ensureChromium } from '../../scripts/chromium.ts';
import { ensurePage } from '../../scripts/page-build.ts';
import { servePage } from '../../scripts/serve-page.ts';
import type { HarvestSummary } from '../run/run-service.ts';
import type { DemoOptions } from './demo-options.ts';
import { harvestRun } from './harvest-run.ts';
import { OutFolder } from './out-folder.ts';
import { ProgressDisplay } from './progress-display.ts';
import type { Screen } from './status-line.ts';

export interface HarvestNeeds {
	readonly screen: Screen;
	/** Whoever aborts finds what was done kept. */
	readonly signal: AbortSignal;
	/** Another build of the page, for tests. */
	readonly pageFolder?: string;
}

export interface Harvest {
	/** Absent if it was paused. */
	readonly summary?: HarvestSummary;
	/** Finished steps in the folder. */
	readonly steps: number;
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
 * A harvest of the embedded model in the page, without a screen, into a folder; one that was cut off goes on.
 *
 * @throws {UsageError} if the folder cannot be used or the split has no scenarios
 * @throws {HarvestError}
 */
export async function harvest(
	options: DemoOptions,
	{ screen, signal, pageFolder }: HarvestNeeds
): Promise<Harvest> {
	const folder = await OutFolder.open(options.out);
	const chromium = ensureChromium();
	const page = await servePage(pageFolder ?? ensurePage(), 0);
	const display = new ProgressDisplay(screen);
	const continued = folder.record === undefined ? '' : `, continued from ${folder.steps} steps`;
	display.note(
		`Harvesting ${options.scenarios} ${options.split} scenarios with ${options.workers} workers into ${options.out}${continued}`
	);
	try {
		const summary = await harvestRun(options, { url: page.url, chromium, folder, display, signal });
		return { steps: folder.steps, ...(summary && { summary }) };
	} catch (error) {
		if (folder.steps === 0 || (error instanceof Error && error.name === 'UsageError')) throw error;
		throw new HarvestError(error, folder.steps);
	} finally {
		display.end();
		await page.close();
	}
}
