import type { Json } from '../../base/json.ts';
import type { AssistantMessage, Message, ToolCall } from '../message.ts';
import type { ToolSpec } from '../tool.ts';

/*
 * Short dialogues that a template is tried with when its model is chosen. Every word in them is found nowhere else, so a rendering can be
 * searched for it.
 */

export const probeTools: readonly ToolSpec[] = [
	{
		name: 'find_kestrels',
		description: 'Kestrels by plumage',
		parameters: {
			type: 'object',
			properties: {
				plumage: { type: 'string', description: 'Plumage of kestrels' },
				wingspan: { type: 'integer', description: 'Wingspan of kestrels' },
				ringed: { type: 'boolean', description: 'Ringed kestrels' },
				moult: { type: ['string', 'null'], enum: ['Eclipse', null], description: 'Moult of kestrels' },
				nests: { type: 'array', items: { type: 'string' }, description: 'Nests of kestrels' },
				habitat: {
					type: 'object',
					properties: { meadow: { type: 'string', description: 'Meadow of kestrels' } },
					description: 'Habitat of kestrels'
				}
			},
			required: ['plumage']
		}
	},
	{ name: 'count_ospreys', description: 'Ospreys in all', parameters: { type: 'object', properties: {} } }
];

const findCall: ToolCall = {
	id: 'call_0_0',
	type: 'function',
	function: {
		name: 'find_kestrels',
		arguments: {
			plumage: 'Rufous',
			wingspan: 48151,
			ringed: false,
			nests: ['Belfry', 'Quarry'],
			habitat: { meadow: 'Fescue' }
		}
	}
};
const countCall: ToolCall = {
	id: 'call_1_0',
	type: 'function',
	function: { name: 'count_ospreys', arguments: {} }
};

const system = (content: string): Message => ({ role: 'system', content });
const user = (content: string): Message => ({ role: 'user', content });
const says = (content: string): Message => ({ role: 'assistant', content });
const calls = (content: string, ...made: readonly ToolCall[]): AssistantMessage => ({
	role: 'assistant',
	content,
	tool_calls: made
});
const answers = (call: ToolCall, content: string): Message => ({
	role: 'tool',
	content,
	tool_call_id: call.id,
	name: call.function.name
});

/** Words of both sides, which every template must take. */
export const talkProbe: readonly Message[] = [user('Sandpiper'), says('Turnstone'), user('Dunlin')];

/** With a system message as well. */
export const systemProbe: readonly Message[] = [system('Phalarope'), ...talkProbe];

/** What a user simulator is shown, up to its second message. */
export const openingProbe: readonly Message[] = [
	system('Phalarope'),
	says('Whimbrel'),
	user('Godwit'),
	says('Redshank'),
	user('Lapwing')
];

/** Neighbours of one role. */
export const runProbe: readonly Message[] = [
	user('Sandpiper'),
	user('Turnstone'),
	says('Dunlin'),
	says('Whimbrel'),
	user('Godwit')
];

/** An agent's conversation: words, a call, a call without arguments, words. */
export const agentProbe: readonly Message[] = [
	system('Phalarope'),
	user('Sandpiper'),
	says('Turnstone'),
	user('Dunlin'),
	calls('', findCall),
	answers(findCall, '{"perch": "Gantry"}'),
	calls('', countCall),
	answers(countCall, 'Seventeen'),
	says('Whimbrel'),
	user('Godwit')
];

/** Two calls at once. */
export const severalCallsProbe: readonly Message[] = [
	system('Phalarope'),
	user('Sandpiper'),
	calls('', findCall, countCall),
	answers(findCall, '{"perch": "Gantry"}'),
	answers(countCall, 'Seventeen'),
	says('Whimbrel'),
	user('Godwit')
];

/** Words beside a call. */
export const wordsProbe: readonly Message[] = [
	system('Phalarope'),
	user('Sandpiper'),
	calls('Turnstone', findCall),
	answers(findCall, '{"perch": "Gantry"}'),
	says('Whimbrel'),
	user('Godwit')
];

/** A call with an argument that says nothing. */
export const nullProbe: readonly Message[] = [
	system('Phalarope'),
	user('Sandpiper'),
	calls('', {
		...findCall,
		function: { name: 'find_kestrels', arguments: { plumage: 'Rufous', moult: null } }
	}),
	answers(findCall, '{"perch": "Gantry"}')
];

/** A call between words and its result. */
export const callProbe = {
	messages: agentProbe.slice(0, 6),
	call: findCall,
	/** What the rendering of the call lies between. */
	from: 'Dunlin',
	to: 'Gantry'
};

/** Everything before each message of the model, and the whole. */
export function beforeReplies(dialogue: readonly Message[]): (readonly Message[])[] {
	const ends = dialogue.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []));
	return [...ends, dialogue.length].map((end) => dialogue.slice(0, end));
}

/** What a rendering lacks of the tools and of the messages, in words; `undefined` if it has all. */
export function lostFrom(
	text: string,
	messages: readonly Message[],
	tools: readonly ToolSpec[] = []
): string | undefined {
	for (const [mark, { what, count }] of expectations(messages, tools)) {
		if (occurrences(text, mark) < count) return what;
	}
	return undefined;
}

/** How often each word is there at least, and what is lost without it. */
function expectations(messages: readonly Message[], tools: readonly ToolSpec[]) {
	const marks = new Map<string, { what: string; count: number }>();
	const expect = (what: string, mark: string) => {
		const count = (marks.get(mark)?.count ?? 0) + 1;
		marks.set(mark, { what, count });
	};
	for (const { name, description, parameters } of tools) {
		expect('tools', name);
		expect('descriptions of tools', description);
		for (const parameter of Object.keys(parameters['properties'] ?? {}))
			expect('parameters of tools', parameter);
	}
	for (const message of messages) {
		if (message.role === 'tool') expect('results of calls', /\w+(?=\W*$)/.exec(message.content)![0]);
		else if (message.content !== '') expect(`what the ${message.role} says`, message.content);
		if (message.role !== 'assistant') continue;
		for (const { function: made } of message.tool_calls ?? []) {
			expect('calls', made.name);
			for (const mark of words(made.arguments)) expect('arguments of calls', mark);
		}
	}
	return marks;
}

/** Keys, and values but for booleans, whose writing differs. */
function words(value: Json): string[] {
	if (typeof value === 'string' || typeof value === 'number') return [String(value)];
	if (Array.isArray(value)) return value.flatMap(words);
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, member]) => [key, ...words(member as Json)]);
}

function occurrences(text: string, mark: string): number {
	return text.split(mark).length - 1;
}
