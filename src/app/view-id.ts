import type { SearchId } from '../search/run.ts';

/** What a search is called on the page: its scenario, and which time it is taken where that is not the first. */
export function viewId({ scenario, trial = 0 }: SearchId): string {
	return trial === 0 ? scenario : `${scenario} (${trial + 1})`;
}
