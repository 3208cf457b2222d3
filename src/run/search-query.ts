import type { Rating } from '../dataset/curation/curation.ts';
import { plainCuration } from '../dataset/curation/curation.ts';
import { objectionToRating } from '../dataset/curation/filters.ts';
import type { SearchOutcome, SearchSummary } from '../harvest/search-summary.ts';
import type { SummarizedSearch } from '../store/run-store.ts';
import type { Facets, SearchQuery, SearchStanding } from './run-service.ts';

type Ratings = Readonly<Record<string, Rating>>;

/** How a search that has ended came out, in a word. */
export function standingOf({ result, goals, score, broken }: SearchOutcome): SearchStanding {
	if (broken) return 'error';
	if (result !== 'failed') return result;
	return goals.earned > 0 || (score !== 'unknown' && score > 0) ? 'partial' : 'failed';
}

/** Whether a search is wanted, as far as its summary and what a person said of it tell. */
export function isWanted(
	{ scenario, summary }: SummarizedSearch,
	{ outcome, cause, label, rating, tool, error }: SearchQuery,
	ratings: Ratings
): boolean {
	if (outcome !== undefined && standingOf(summary) !== outcome) return false;
	if (cause !== undefined && !summary.causes.includes(cause)) return false;
	if (label !== undefined && !labelsOf(summary).includes(label)) return false;
	if (rating !== undefined && ratingOf(ratings, scenario) !== rating) return false;
	if (tool !== undefined && !summary.tools.includes(tool)) return false;
	return error === undefined || summary.errors.steps > 0 === error;
}

/** Counts of what there is to ask for. */
export function facetsOf(searches: readonly SummarizedSearch[], ratings: Ratings): Facets {
	const outcomes = new Map<string, number>();
	const causes = new Map<string, number>();
	const labels = new Map<string, number>();
	const rated = new Map<string, number>();
	const tools = new Map<string, number>();
	const examples = { sft: 0, good: 0, bad: 0 };
	let errors = 0;
	for (const { scenario, summary } of searches) {
		count(outcomes, [standingOf(summary)]);
		count(causes, summary.causes);
		count(labels, labelsOf(summary));
		count(rated, [ratingOf(ratings, scenario)]);
		count(tools, summary.tools);
		if (summary.errors.steps > 0) errors++;
		const objection = objectionToRating(ratings[scenario], plainCuration);
		if (summary.none !== undefined || objection !== undefined) continue;
		examples.sft++;
		examples.good += summary.labels.good;
		for (const bad of Object.values(summary.labels.bad)) examples.bad += bad;
	}
	return {
		ended: searches.length,
		outcomes: Object.fromEntries(outcomes),
		causes: Object.fromEntries(causes),
		labels: Object.fromEntries(labels),
		ratings: Object.fromEntries(rated),
		tools: Object.fromEntries([...tools].sort(([a], [b]) => (a < b ? -1 : 1))),
		errors,
		examples
	};
}

function labelsOf({ labels: { good, bad, unused } }: SearchSummary): string[] {
	return [...(good > 0 ? ['good'] : []), ...Object.keys(bad), ...(unused > 0 ? ['unused'] : [])];
}

function ratingOf(ratings: Ratings, scenario: string): Rating | 'none' {
	return Object.hasOwn(ratings, scenario) ? ratings[scenario]! : 'none';
}

function count(counts: Map<string, number>, names: readonly string[]): void {
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
}
