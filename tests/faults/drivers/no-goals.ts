import { parseJson } from '../../../src/base/json-read.ts';
import { evaluationTable } from '../../../src/cli/evaluate/evaluation-table.ts';
import { progressLine } from '../../../src/cli/progress-display.ts';
import { summaryLine, summaryTable } from '../../../src/cli/summary-table.ts';
import { createEnvironment } from '../../../src/environment/pack-environment.ts';
import { parsePack } from '../../../src/environment/pack.ts';
import { report } from '../../../src/evaluation/report.ts';
import { trialRow, type TrialRow } from '../../../src/evaluation/trial.ts';
import type { ScenarioTree } from '../../../src/harvest/examples.ts';
import { Figures } from '../../../src/run/figures.ts';
import { summarize } from '../../../src/harvest/search-summary.ts';
import { conversationOf } from '../../../src/evaluation/conversation.ts';
import { scorerOf } from '../../../src/search/compose.ts';
import { search } from '../../../src/search/search.ts';
import type { Agent, UserSimulator } from '../../../src/talk/participants.ts';
import { harvestFiles } from '../../dataset/harvest-files.ts';
import { deskAgent } from '../../harvest/desk.ts';
import { plainTree } from '../../talk/plain-conversation.ts';
import type { FaultDriver } from '../fault-case.ts';

const tokens = { prompt: 1, completion: 1 };
const agent: Agent = {
	step: async () => ({
		outcome: 'finished',
		messages: [{ role: 'assistant', content: 'Hello.', seenBy: 'both' }],
		calls: [],
		tokens
	})
};
const user: UserSimulator = {
	step: async (transcript) => ({
		messages: [{ role: 'user', content: 'Hello.', seenBy: 'both' }],
		over: transcript.length > 0,
		tokens
	})
};

/**
 * All scenarios of `pack.json` with an agent and a user that only greet: what an evaluation says, and what a harvest says while it runs
 * and in the end.
 */
const noGoals: FaultDriver = async ({ text }) => {
	const environment = createEnvironment(parsePack(parseJson(text('pack.json'))), 'hash');
	const rows: TrialRow[] = [];
	const searches: ScenarioTree[] = [];
	const figures = new Figures(environment.scenarios.length);
	const talked = new Figures(environment.scenarios.length);
	for (const scenario of environment.scenarios) {
		const job = { environment, scenario, agent, user, seed: 1 };
		const line = await plainTree(job);
		talked.finish(summarize(line, environment.prompts.agent));
		const measured = { goals: line.goals.length, invented: 0, seconds: 0 };
		rows.push(trialRow(scenario, 0, conversationOf(line), measured));
		const scorer = scorerOf({ reward: { kind: 'goal-calls' } }, environment, scenario);
		const events = search({ ...job, scorer, strategy: { kind: 'josh', beam: 1 } });
		let step = await events.next();
		while (!step.done) step = await events.next();
		figures.finish(summarize(step.value, environment.prompts.agent));
		searches.push({ environment, scenario, agent: deskAgent, tree: step.value });
	}
	const found = report(rows);
	const { summary } = await harvestFiles(searches);
	const harvest = { ...summary, tokensPerSecond: 0, lost: [], leftOut: [], columns: [] };
	return {
		evaluation: lines(evaluationTable(found)),
		json: JSON.parse(JSON.stringify({ successRate: found.successRate, parsedCalls: found.parsedCalls })),
		causes: rows.map(({ cause }) => cause),
		trials: progressLine(
			talked.progress({ tokensPerSecond: 0, activeMilliseconds: 0 }, 1),
			0,
			'conversations'
		),
		progress: progressLine(figures.progress({ tokensPerSecond: 0, activeMilliseconds: 0 }, 1), 0),
		summary: lines(summaryTable(harvest)).slice(0, 4),
		line: JSON.parse(summaryLine(harvest)),
		skipped: summary.skipped
	};
};

/** With single spaces. */
function lines(text: string): string[] {
	return text.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
}

export default noGoals;
