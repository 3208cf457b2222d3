import type { SearchEvent } from './events.ts';
import { search, type SearchJob } from './search.ts';
import type { SearchTree } from './tree.ts';

/** What comes of many searches, in the order in which it happens. */
export type RunReport =
	| ({ readonly type: 'event'; readonly event: SearchEvent } & SearchId)
	| ({ readonly type: 'finished'; readonly tree: SearchTree } & SearchId)
	/** This scenario cannot go on; the others do. */
	| ({ readonly type: 'failure'; readonly reason: string; readonly cause: unknown } & SearchId);

/** Which search of a run: a scenario, and where it is taken more than once, which time. */
export interface SearchId {
	readonly scenario: string;
	/** From 0; absent for the first. */
	readonly trial?: number;
}

/** Without the trial where there is only one to speak of. */
export function searchId(scenario: string, trial = 0): SearchId {
	return trial === 0 ? { scenario } : { scenario, trial };
}

/** A name for a search in maps; no two searches of a run have the same. */
export function searchKey({ scenario, trial = 0 }: SearchId): string {
	return `${trial} ${scenario}`;
}

/**
 * Searches many scenarios, `concurrency` of them side by side, so that a pool of models has work while one search waits for its
 * slowest branch. Jobs are drawn in order, each when a place falls free. After `signal` aborts nothing new is begun and the
 * sequence ends; scenarios under way report neither `finished` nor `failure`.
 */
export async function* runSearches(
	jobs: Iterable<SearchJob>,
	{ concurrency, signal }: { readonly concurrency: number; readonly signal?: AbortSignal }
): AsyncGenerator<RunReport, void, void> {
	const stop = new AbortController();
	const abort = () => stop.abort(signal?.reason);
	if (signal?.aborted) abort();
	signal?.addEventListener('abort', abort, { once: true });

	const reports: RunReport[] = [];
	let wake: () => void = () => undefined;
	const report = (one: RunReport) => {
		reports.push(one);
		wake();
	};

	const queue = jobs[Symbol.iterator]();
	const place = async () => {
		while (!stop.signal.aborted) {
			const next = queue.next();
			if (next.done) return;
			await runOne({ ...next.value, signal: stop.signal }, report);
		}
	};
	let isWorking = true;
	const places = Promise.all(Array.from({ length: Math.max(1, concurrency) }, place)).finally(() => {
		isWorking = false;
		wake();
	});
	places.catch(() => undefined);

	try {
		for (;;) {
			while (reports.length > 0) yield* reports.splice(0);
			if (!isWorking) break;
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
		await places;
	} finally {
		signal?.removeEventListener('abort', abort);
		stop.abort();
	}
}

async function runOne(job: SearchJob, report: (one: RunReport) => void): Promise<void> {
	const id = searchId(job.scenario.id, job.trial);
	try {
		const events = search(job);
		for (;;) {
			const next = await events.next();
			if (next.done) {
				if (next.value.done) report({ type: 'finished', ...id, tree: next.value });
				return;
			}
			report({ type: 'event', ...id, event: next.value });
		}
	} catch (cause) {
		report({
			type: 'failure',
			...id,
			reason: cause instanceof Error ? cause.message : String(cause),
			cause
		});
	}
}
