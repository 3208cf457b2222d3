import type { StoredMessage } from '../../../dialogue/message.ts';
import type { ExecutedCall } from '../../../environment/environment.ts';
import type { AgentStep, UserStep } from '../../../talk/participants.ts';
import type { ExhaustedTries } from '../../tree.ts';
import { draw } from './draw.ts';
import type { TraceConfig } from './protocol.ts';

const noTokens = { prompt: 0, completion: 0 };

/** What the log of a trace says of a call: its number and what came of it. */
interface Logged<Step> {
	readonly step: Step;
	readonly index: number;
	readonly outcome: string;
}

/** The traces' agent and user: every decision is a hash of the configuration and of how often they were called. */
export class SyntheticParticipants {
	readonly #config: TraceConfig;
	agentCalls = 0;
	userCalls = 0;

	constructor(config: TraceConfig) {
		this.#config = config;
	}

	agent(): Logged<AgentStep> {
		const { seed, max_actions, alphabet, agent_raise_pm, agent_none_pm, tool_pm } = this.#config;
		const index = this.agentCalls++;
		const drawn = (slot: number) => draw(seed, 1, index, slot);
		const raises = drawn(0) % 1000 < agent_raise_pm;
		const isLate = drawn(1) % 2 === 1;
		if (raises && !isLate)
			return {
				index,
				outcome: 'raise-early',
				step: { outcome: 'raised', messages: [], error: 'raised', tokens: noTokens }
			};

		const label = this.#label(1, index);
		const actions = Array.from(
			{ length: drawn(2) % (max_actions + 1) },
			(_, j) => `a${drawn(10 + j) % alphabet}`
		);
		const text = `${label} ${actions.join(',')}`;
		const calls = actions.map(actionCall);
		const tell = (
			outcome: AgentStep['outcome'],
			logged: string,
			messages: readonly StoredMessage[]
		): Logged<AgentStep> => ({
			index,
			outcome: `${logged} [${actions.join(',')}]`,
			step: { outcome, messages, calls, tokens: noTokens }
		});
		const say = (content: string, seenBy: StoredMessage['seenBy'] = 'both'): StoredMessage => ({
			role: 'assistant',
			content,
			seenBy
		});

		if (raises) return tell('raised', 'raise-late', [say(`broken ${text}`)]);
		if (drawn(3) % 1000 < agent_none_pm) return tell('over', 'none', [say(`quit ${text}`)]);
		if (drawn(4) % 1000 < tool_pm)
			return tell('continue', 'tool', [
				say(`call ${text}`, 'agent'),
				{ role: 'user', content: `ret ${label}`, seenBy: 'agent' }
			]);
		return tell('finished', 'say', [say(`say ${text}`)]);
	}

	user(): Logged<UserStep> {
		const { seed, max_user_msgs, user_raise_pm, user_end_pm } = this.#config;
		const index = this.userCalls++;
		const drawn = (slot: number) => draw(seed, 2, index, slot);
		if (drawn(0) % 1000 < user_raise_pm)
			return {
				index,
				outcome: 'raise',
				step: { messages: [], over: false, raised: true, error: 'raised', tokens: noTokens }
			};
		const length = max_user_msgs === 1 ? 1 : drawn(1) % (max_user_msgs + 1);
		const label = this.#label(2, index);
		const messages = Array.from({ length }, (_, j) => userMessage(`u${label}.${j}`));
		const over = drawn(2) % 1000 < user_end_pm;
		return { index, outcome: `${over ? 'end' : 'go'} ${length}`, step: { messages, over, tokens: noTokens } };
	}

	#label(stream: number, index: number): string {
		const { content, seed } = this.#config;
		if (content === 'constant') return 'c';
		return content === 'unique' ? String(index) : `v${draw(seed, stream, index, 7) % 2}`;
	}
}

export function userMessage(content: string): StoredMessage {
	return { role: 'user', content, seenBy: 'both' };
}

/** What a leaf is told when its tries are used up, in the trace's `error_mode`. */
export function exhaustedTries(mode: TraceConfig['error_mode']): ExhaustedTries {
	const seenBy = mode === 'messages_only' ? 'user' : 'both';
	return {
		messages: [{ role: 'assistant', content: 'Error: Agent ran out of retries.', seenBy }],
		...(mode === 'both_reset' && { calls: [actionCall('err')] })
	};
}

function actionCall(name: string): ExecutedCall {
	return { name, arguments: {}, result: null, ok: true };
}
