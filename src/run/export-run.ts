import type { JsonObject } from '../base/json.ts';
import type { Environment } from '../environment/environment.ts';
import { defaultFormats, harvestFiles } from '../harvest/dataset.ts';
import type { FinishedSearch } from '../harvest/examples.ts';
import { jsonLine } from '../harvest/json-line.ts';
import { writeManifest } from '../harvest/manifest.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import type { ExportedFile, HarvestSummary } from './run-service.ts';
import { storedSearches } from './stored-searches.ts';

/** Searches that earned less give no examples, as in the paper. */
const minReward = 1;

/**
 * The dataset files of what is stored of a run, its events and the manifest. Only the manifest knows which run it was; everything else
 * is the same for equal searches. Scenarios whose events are damaged are left out.
 */
export async function exportRun(
	store: Pick<RunStore, 'events'>,
	record: RunRecord,
	environment: Environment,
	madeBy: { readonly name: string; readonly version: string }
): Promise<{ readonly files: readonly ExportedFile[]; readonly summary: HarvestSummary }> {
	const eventLines: string[] = [];
	let completionTokens = 0;
	async function* searches(): AsyncGenerator<FinishedSearch> {
		for await (const search of storedSearches(store, record, environment)) {
			if ('failure' in search) continue;
			const { scenario, tree, history } = search;
			for (const event of history) {
				completionTokens += event.tokens.completion;
				eventLines.push(jsonLine({ scenario: scenario.id, event: event as unknown as JsonObject }));
			}
			yield { environment, scenario, tree };
		}
	}

	const { files, summary } = await harvestFiles(searches(), { minReward });
	const mediaType = 'application/jsonl';
	const events = { name: 'events.jsonl', mediaType, content: new Blob(eventLines, { type: mediaType }) };
	const vouched = [...files, events];
	const { id, createdAt, config, origin } = record;
	const manifest = await writeManifest({
		madeBy,
		run: { id, createdAt },
		config,
		origin,
		minReward,
		formats: defaultFormats,
		summary,
		files: vouched
	});
	const type = 'application/json';
	const { scenarios, meanReward, successRate, examples, tokens } = summary;
	const seconds = record.activeMilliseconds / 1000;
	return {
		files: [...vouched, { name: 'manifest.json', mediaType: type, content: new Blob([manifest], { type }) }],
		summary: {
			scenarios,
			meanReward,
			successRate,
			examples,
			tokens,
			tokensPerSecond: seconds > 0 ? completionTokens / seconds : 0
		}
	};
}
