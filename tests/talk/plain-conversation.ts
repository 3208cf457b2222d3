import type { Environment, Scenario } from '../../src/environment/environment.ts';
import { conversationOf, type Conversation } from '../../src/evaluation/conversation.ts';
import { scorerOf } from '../../src/search/compose.ts';
import { search, type SearchJob } from '../../src/search/search.ts';
import type { SearchTree } from '../../src/search/tree.ts';

type Job = Pick<SearchJob, 'agent' | 'user'> &
	Partial<Pick<SearchJob, 'seed' | 'trial'>> & {
		readonly environment: Environment;
		readonly scenario: Scenario;
		readonly maxTurns?: number;
		readonly tries?: number;
	};

/** The tree of one conversation without a search. */
export async function plainTree({ maxTurns, tries, ...job }: Job): Promise<SearchTree> {
	const strategy = { kind: 'plain', ...(maxTurns && { maxTurns }), ...(tries && { tries }) };
	const scorer = scorerOf({ reward: { kind: 'goal-calls' } }, job.environment, job.scenario);
	const events = search({ seed: 1, ...job, strategy, scorer });
	for (;;) {
		const next = await events.next();
		if (next.done) return next.value;
	}
}

export async function plainConversation(job: Job): Promise<Conversation> {
	return conversationOf(await plainTree(job));
}
