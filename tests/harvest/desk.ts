import type { JsonObject } from '../../src/base/json.ts';
import { Random } from '../../src/base/random.ts';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import type { Call, Environment, ExecutedCall, Scenario } from '../../src/environment/environment.ts';
import type { ScenarioTree } from '../../src/harvest/examples.ts';
import { apply, firstPending, plant } from '../../src/search/fold.ts';
import type { SearchEvent, WantedStep } from '../../src/search/events.ts';
import { defaultSearchOptions, type SearchOptions } from '../../src/search/josh/options.ts';
import { strategyOf } from '../../src/search/fold.ts';
import { transcript } from '../../src/search/tree.ts';
import { creditCalls } from '../../src/talk/rewards/credit.ts';
import { callLabel } from '../../src/talk/rewards/reward-part.ts';

const goals = [
	{ id: 'search', name: 'search_hotel', arguments: { area: 'north' }, match: 'subset' as const },
	{ id: 'book', name: 'book_hotel', arguments: { nights: 2 }, match: 'subset' as const }
];

/** As the events tell of them. */
const deskGoals = goals.map(({ id, name, arguments: args }) => {
	const call = { name, arguments: args };
	return { id, label: callLabel(call), call };
});

function scenario(id: string): Scenario {
	return {
		id,
		split: 'train',
		domains: ['hotel'],
		userGoals: ['Find a hotel in the north.', 'Book two nights.'],
		goals
	};
}

const string = { type: 'string' };

/** A hotel desk with two tools, just large enough to search and to book. */
export const desk: Environment = {
	hash: 'none',
	id: 'desk',
	title: 'Desk',
	license: 'MIT',
	tools: [
		{
			name: 'search_hotel',
			description: 'Find hotels.',
			parameters: { type: 'object', properties: { area: string, name: string } }
		},
		{
			name: 'book_hotel',
			description: 'Book a room.',
			parameters: { type: 'object', properties: { nights: { type: 'integer' } }, required: ['nights'] }
		}
	],
	prompts: { agent: 'You help at a hotel desk.', user: '{{goals}} {{stop}}', stop: 'BYE' },
	scenarios: ['one', 'two', 'three', 'four'].map(scenario),
	initial: async () => ({}),
	call: async (state, _actor, call) => ({ state, executed: carryOut(call) })
};

function carryOut(call: Call): ExecutedCall {
	const isRejected = call.name === 'book_hotel' && !('nights' in call.arguments);
	const result = isRejected ? { error: 'nights is missing' } : [{ name: 'Amber Inn' }];
	return { ...call, result, ok: !isRejected };
}

function earns(goal: Call, { name, arguments: args }: ExecutedCall): boolean {
	return goal.name === name && Object.entries(goal.arguments).every(([key, value]) => args[key] === value);
}

/** Whose view the harvest teaches. */
export const deskAgent = { kind: 'function-calling' } as const;

/** What the agent does in a turn: words or calls, in order. */
export type Doing = string | { readonly call: string; readonly with: JsonObject };

export interface Turn {
	readonly does: readonly Doing[];
	readonly raised?: string;
}

export interface Script {
	/** The agent's turn at `path`, or at `path:turn` where a node holds several. */
	agent(step: WantedStep): Turn;
	user(step: WantedStep): { readonly says: string; readonly over?: boolean; readonly aside?: string };
}

export const searchNorth: Doing = { call: 'search_hotel', with: { area: 'north' } };
export const searchAmber: Doing = { call: 'search_hotel', with: { name: 'Amber Inn' } };
export const bookTwo: Doing = { call: 'book_hotel', with: { nights: 2 } };
export const bookNothing: Doing = { call: 'book_hotel', with: {} };

/** Grows a tree from a script; returns it with its events. */
export function grow(
	id: string,
	script: Script,
	options: Partial<SearchOptions> = {}
): ScenarioTree & { readonly events: readonly SearchEvent[] } {
	const scenario = desk.scenarios.find((one) => one.id === id)!;
	let tree = plant({
		scenario: id,
		strategy: { kind: 'josh', ...defaultSearchOptions, beam: 4, ...options }
	});
	const events: SearchEvent[] = [];
	for (let step = firstPending(tree); step; step = firstPending(tree)) {
		const before = transcript(tree, step.path).length;
		const made = step.kind === 'agent' ? agentStep(script.agent(step), before) : userStep(script.user(step));
		const taken = { ...step, ...made, tokens: { prompt: 100, completion: 10 } } as unknown as SearchEvent;
		const scored = taken.kind === 'agent' ? strategyOf(tree.rules).scoreAgent(tree, step, taken) : undefined;
		const earned = scored ? creditCalls(goals, scored.left, scored.calls, earns) : [];
		const event: SearchEvent = {
			...taken,
			n: tree.events,
			...(tree.events === 0 && { goals: deskGoals }),
			...(earned.length > 0 && { earned })
		};
		events.push(event);
		tree = apply(tree, event);
	}
	return { environment: desk, scenario, agent: deskAgent, tree, events };
}

function agentStep({ does, raised }: Turn, before: number) {
	const messages: StoredMessage[] = [];
	const calls: ExecutedCall[] = [];
	for (const doing of does) {
		if (typeof doing === 'string') {
			messages.push({ role: 'assistant', content: doing, seenBy: 'both' });
			continue;
		}
		const executed = carryOut({ name: doing.call, arguments: doing.with });
		calls.push(executed);
		const id = `call_${before + messages.length}`;
		const { name } = executed;
		messages.push(
			{
				role: 'assistant',
				content: '',
				tool_calls: [{ id, type: 'function', function: { name, arguments: doing.with } }],
				seenBy: 'agent'
			},
			{ role: 'tool', content: JSON.stringify(executed.result), tool_call_id: id, name, seenBy: 'agent' }
		);
	}
	return { outcome: raised ? 'raised' : 'finished', messages, calls, ...(raised && { error: raised }) };
}

function userStep({ says, over = false, aside }: ReturnType<Script['user']>) {
	const messages: StoredMessage[] = [{ role: 'user', content: says, seenBy: 'both' }];
	if (aside !== undefined) messages.unshift({ role: 'user', content: aside, seenBy: 'user' });
	return { messages, over };
}

/** A script by path; whatever it does not name is small talk. */
export function script(
	turns: Readonly<Record<string, readonly Doing[] | Turn>>,
	says: Readonly<Record<string, string>> = {}
): Script {
	return {
		agent: ({ path, turn }) => {
			const found = turns[`${path}:${turn}`] ?? turns[path] ?? [`Anything else, ${path}?`];
			return 'does' in found ? found : { does: found };
		},
		user: ({ path }) => ({ says: says[path] ?? `Well, ${path}.` })
	};
}

/**
 * The tree of the golden files. Golden: '', L, LL, LLR. R parts from it at once, LLL after the call that it shares with LLR. LRR earns the
 * goal too, but LLR came first; so LR counts as successful, and LRL parted a turn too early.
 */
export const smallTree = () =>
	grow(
		'one',
		script(
			{
				L: [searchNorth, 'The Amber Inn is free. Shall I book it?'],
				R: ['Which area would you like?'],
				LL: ['How many nights?'],
				LR: ['It is booked: “Amber Inn”.'],
				LLL: [searchAmber, 'I am sorry, it is full.'],
				LLR: [searchAmber, bookTwo, 'Booked.'],
				LRL: ['You are welcome.'],
				LRR: [bookTwo, 'Now it is.']
			},
			{ '': 'I need a hotel in the north.', L: 'Yes, please.', LL: 'Two.', LR: 'Thanks.' }
		)
	);

/** Agents and users that do anything, the same for the same seed. */
export function randomScript(seed: number): Script {
	const at = (step: WantedStep) => new Random(seed, step.kind, step.path, step.turn);
	return {
		agent(step) {
			const random = at(step);
			const does: Doing[] = [];
			while (random.chance(0.4)) does.push(random.pick([searchNorth, searchAmber, bookTwo, bookNothing]));
			if (random.chance(0.1)) return { does, raised: 'the model wrote no call' };
			return {
				does: [...does, random.pick(['Yes.', 'No.', 'Error: Agent ran out of retries.', 'Which?', 'Done.'])]
			};
		},
		user(step) {
			const random = at(step);
			const says = random.pick(['Hm.', 'Go on.']);
			return {
				says,
				over: step.path !== '' && random.chance(0.1),
				...(random.chance(0.3) && { aside: 'secret' })
			};
		}
	};
}
