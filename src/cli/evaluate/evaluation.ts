import { writeJson } from '../../base/json.ts';
import type { Environment } from '../../environment/environment.ts';
import { conversationOf } from '../../evaluation/conversation.ts';
import { InventionFinder } from '../../evaluation/invented.ts';
import { report, type EvaluationReport } from '../../evaluation/report.ts';
import { trialRow, type Trial } from '../../evaluation/trial.ts';
import { createRunConfig } from '../../run/config.ts';
import { storedSearches } from '../../run/stored-searches.ts';
import { hasGoals } from '../../search/tree.ts';
import type { RunRecord, RunStore } from '../../store/run-store.ts';
import { chosenScenarios } from '../chosen-scenarios.ts';
import { readPack } from '../pack-file.ts';
import { writeWhole } from '../write-whole.ts';
import type { EvaluateOptions } from './evaluate-options.ts';
import { talk, type TalkNeeds } from './talk.ts';

/**
 * Has the conversations that the options ask for, those that are kept excepted, and reports on all of them.
 *
 * @returns undefined if it was interrupted
 * @throws {UsageError} if a file cannot be read, the split has no scenarios, or another process does the same
 */
export async function evaluateModel(
	options: Omit<EvaluateOptions, 'json' | 'compare'>,
	needs: TalkNeeds
): Promise<EvaluationReport | undefined> {
	const pack = await readPack(options.pack);
	const { environment } = pack;
	const chosen = chosenScenarios(environment, options.split, options.scenarios);
	const { trials, seed, parts } = options;
	const config = createRunConfig({ ...chosen, trials, seed, ...parts });
	const talked = await talk(options, config, pack, needs);
	if (!talked) return undefined;
	const found = await trialsIn(talked.record, talked.store, environment);
	if (options.transcripts !== undefined) {
		const lines = found.map((trial) => writeJson(transcriptLine(trial, environment)));
		await writeWhole([{ path: options.transcripts, content: `${lines.join('\n')}\n` }]);
	}
	const { scenariosAsked } = chosen;
	return { ...(scenariosAsked !== undefined && { scenariosAsked }), ...report(found.map(({ row }) => row)) };
}

/** The finished conversations of a run with the strategy `plain`: all first trials, then all second ones. */
export async function trialsIn(
	record: RunRecord,
	store: RunStore,
	environment: Environment
): Promise<Trial[]> {
	const finder = await InventionFinder.of(environment);
	const found: Trial[] = [];
	for await (const search of storedSearches(store, record, environment)) {
		if ('damage' in search) throw new Error(search.damage.join('\n'));
		const { scenario, trial, tree } = search;
		if (!tree.done) continue;
		const conversation = conversationOf(tree);
		const { transcript } = conversation;
		const measured = {
			goals: hasGoals(tree) ? tree.goals.length : 0,
			invented: finder.find(scenario, transcript).length,
			seconds: 0
		};
		found.push({ row: trialRow(scenario, trial, conversation, measured), transcript });
	}
	// Conversations run side by side, and no step is timed: each has an equal share of the time that the run took.
	const seconds = record.activeMilliseconds / 1000 / Math.max(1, found.length);
	return found
		.map(({ row, transcript }) => ({ row: { ...row, seconds }, transcript }))
		.sort((a, b) => a.row.trial - b.row.trial);
}

/** All that it takes to see why a conversation went as it did. */
function transcriptLine({ row, transcript }: Trial, environment: Environment): object {
	const { userGoals, goals } = environment.scenarios.find(({ id }) => id === row.scenario)!;
	return { ...row, userGoals, goals, messages: transcript };
}
