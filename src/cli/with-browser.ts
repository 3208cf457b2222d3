import { BrowserLostError, PageService } from './page-service.ts';
import type { StatusLine } from './status-line.ts';

/** A browser that dies this often without a single step in between will not get any further. */
const lossesInARow = 3;

export interface BrowserNeeds {
	/** Where the built page is served. */
	readonly url: string;
	readonly chromium: string;
	readonly display: Pick<StatusLine, 'note'>;
	/** After an abort no other browser is started. */
	readonly signal: AbortSignal;
}

/**
 * Does `work` in the page. A browser that dies is replaced, and `work` begun again: it must go on from what it kept.
 *
 * @param steps what was kept so far, as a number that grows
 */
export async function withBrowser<Result>(
	{ url, chromium, display, signal }: BrowserNeeds,
	steps: () => number,
	work: (page: PageService) => Promise<Result>
): Promise<Result> {
	for (let losses = 0; ;) {
		const before = steps();
		const page = await PageService.open(url, chromium);
		try {
			return await work(page);
		} catch (error) {
			if (!(error instanceof BrowserLostError) || signal.aborted) throw error;
			losses = steps() > before ? 1 : losses + 1;
			if (losses >= lossesInARow) {
				throw new Error(`${error.message}, ${losses} times in a row without a step in between`, {
					cause: error
				});
			}
			display.note(`${error.message}; starting another browser and going on`);
		} finally {
			await page.close();
		}
	}
}
