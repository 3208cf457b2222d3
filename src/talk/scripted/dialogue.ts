import { jsonText } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import type { StoredMessage, ToolCall } from '../../dialogue/message.ts';
import { earnsGoal } from '../../environment/earns.ts';
import type { ExecutedCall, Scenario } from '../../environment/environment.ts';
import { packTables } from '../../environment/pack-environment.ts';
import type { Pack } from '../../environment/pack-format.ts';
import type { Task } from '../../environment/travel/tasks.ts';
import { ScriptedAgent } from './agent.ts';
import type { Noise } from './noise.ts';
import { ScriptedUser } from './user.ts';

const longest = 15;

/** A finished conversation of the scripted pair. */
export interface ScriptedDialogue {
	/** What was said and called, without system messages. */
	readonly messages: readonly StoredMessage[];
	readonly calls: readonly ExecutedCall[];
	/** The ids of the goals that were earned, each at most once. */
	readonly earned: readonly string[];
	readonly endedByUser: boolean;
	readonly agentTurns: number;
}

/** Lets the two talk until the user ends it or the agent had 15 turns. The same random source gives the same words. */
export function scriptedDialogue(
	random: Random,
	pack: Pack,
	scenario: Scenario,
	tasks: readonly Task[],
	noise?: Noise
): ScriptedDialogue {
	const tables = packTables(pack);
	const user = new ScriptedUser(random, tasks, pack.prompts.stop);
	const agent = new ScriptedAgent(random, noise);
	const messages: StoredMessage[] = [];
	const calls: ExecutedCall[] = [];
	let state = tables.initial;
	let agentTurns = 0;

	let said = user.open();
	for (;;) {
		messages.push({ role: 'user', content: said.text, seenBy: 'both' });
		if (said.act.kind === 'bye' || agentTurns === longest) break;
		const reply = agent.turn(said.act, (call) => {
			const after = tables.call(state, call);
			state = after.state;
			const id = `call_${calls.length}`;
			calls.push(after.executed);
			const toolCall: ToolCall = { id, type: 'function', function: call };
			messages.push({ role: 'assistant', content: '', tool_calls: [toolCall], seenBy: 'agent' });
			const content = jsonText(after.executed.result);
			messages.push({ role: 'tool', content, tool_call_id: id, name: call.name, seenBy: 'agent' });
			return after.executed;
		});
		messages.push({ role: 'assistant', content: reply.text, seenBy: 'both' });
		agentTurns++;
		said = user.answer(reply.act);
	}
	return {
		messages,
		calls,
		earned: scenario.goals
			.filter((goal) => calls.some((call) => call.ok && earnsGoal(goal, call)))
			.map(({ id }) => id),
		endedByUser: said.act.kind === 'bye',
		agentTurns
	};
}
