import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson } from '../../../src/base/json-read.ts';
import { jsonText, writeJson } from '../../../src/base/json.ts';
import { writeArguments } from '../../../src/dialogue/call-arguments.ts';
import { faultOf } from '../../../src/models/server/faults.ts';
import { bodiesOf } from '../../../src/models/server/reply-bodies.ts';
import { readServerReply, ReplyReader } from '../../../src/models/server/server-reply.ts';
import { readScenarioEvent } from '../../../src/store/stored-data.ts';

/** A reply as a model gave it, and how a server sends it. */
interface Sent {
	readonly content: string;
	readonly thoughts: string;
	/** In which members of a message they come, or as parts of its content. */
	readonly thoughtsIn: readonly string[] | 'content';
	/** Arguments as JSON text: what is in it, digit for digit, is what must arrive. */
	readonly calls: readonly { readonly name: string; readonly args: string }[];
	readonly prompt: number;
	readonly completion: number;
	/** Arguments are sent as an object, not as text; then numbers arrive, not their spelling. */
	readonly asObjects: boolean;
	readonly isStreamed: boolean;
	/** Characters of a piece of a stream. */
	readonly piece: number;
	readonly hasIds: boolean;
	readonly takesTurns: boolean;
}

const number = fc.oneof(
	fc.integer().map(String),
	fc.bigInt({ min: 10n ** 17n, max: 10n ** 24n }).map(String),
	fc.tuple(fc.nat(9999), fc.nat({ max: 9999 })).map(([whole, part]) => `-${whole}.${part}5`)
);
const value = fc.oneof(number, fc.constantFrom('"west"', 'true', 'null', '[]', '{"deep": [7, {"x": 1.50}]}'));
const args = fc
	.array(value, { maxLength: 4 })
	.map((values) => `{${values.map((one, index) => `"key_${'abcd'[index]}": ${one}`).join(', ')}}`);
const call = fc.record({ name: fc.constantFrom('search', 'book_table', 'x'), args });
const sent: fc.Arbitrary<Sent> = fc.record({
	content: fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.trim()),
	thoughts: fc.oneof(
		fc.constant(''),
		fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.trim())
	),
	thoughtsIn: fc.constantFrom(
		['reasoning_content'],
		['reasoning'],
		['thinking'],
		['reasoning', 'reasoning_content'],
		'content' as const
	),
	calls: fc.array(call, { maxLength: 3 }),
	prompt: fc.nat(100_000),
	completion: fc.nat(4096),
	asObjects: fc.boolean(),
	isStreamed: fc.boolean(),
	piece: fc.integer({ min: 4, max: 20 }),
	hasIds: fc.boolean(),
	takesTurns: fc.boolean()
});

type Tree = Record<string, unknown>;

/** The bodies in which a server sends it. */
function bodiesFor({ content, thoughts, thoughtsIn, calls, prompt, completion, ...way }: Sent): Tree[] {
	/** A piece of the thoughts, and of the content. */
	const said = (thought: string, text: string): Tree =>
		thoughtsIn === 'content'
			? {
					content: [
						{ type: 'thinking', thinking: [{ type: 'text', text: thought }] },
						{ type: 'text', text }
					]
				}
			: { ...Object.fromEntries(thoughtsIn.map((member) => [member, thought])), content: text };
	const { asObjects, isStreamed, piece, hasIds, takesTurns } = way;
	const usage = { prompt_tokens: prompt, completion_tokens: completion };
	const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop';
	if (!isStreamed) {
		const tool_calls = calls.map(({ name, args: text }, index) => ({
			id: `id_${index}`,
			type: 'function',
			function: { name, arguments: asObjects ? parseJson(text) : text }
		}));
		const words = thoughts === '' ? { content } : said(thoughts, content);
		const message = { role: 'assistant', ...words, ...(calls.length > 0 && { tool_calls }) };
		return [{ id: 'c', choices: [{ index: 0, message, finish_reason }], usage }];
	}
	const chunk = (delta: Tree, finish: string | null = null) => ({
		choices: [{ index: 0, delta, finish_reason: finish }]
	});
	const perCall = calls.map(({ name, args: text }, index) => [
		{
			index,
			id: `id_${index}`,
			type: 'function',
			function: { name, arguments: asObjects ? parseJson(text) : '' }
		},
		...piecesOf(asObjects ? '' : text, piece).map((part) => ({
			index,
			...(hasIds && { id: `id_${index}` }),
			function: { arguments: part }
		}))
	]);
	const rounds = Math.max(0, ...perCall.map(({ length }) => length));
	const inTurns = Array.from({ length: rounds }, (_, round) =>
		perCall.flatMap((one) => one[round] ?? [])
	).flat();
	return [
		chunk({ role: 'assistant', content: '' }),
		...piecesOf(thoughts, piece).map((thought) => chunk(said(thought, ''))),
		...piecesOf(content, piece).map((text) => chunk({ content: text })),
		...(takesTurns ? inTurns : perCall.flat()).map((one) => chunk({ tool_calls: [one] })),
		chunk({}, finish_reason),
		{ choices: [], usage }
	];
}

/** Never in the middle of a character of two units: that is not text any more. */
function piecesOf(text: string, length: number): string[] {
	const characters = [...text];
	const count = Math.ceil(characters.length / length);
	return Array.from({ length: count }, (_, at) => characters.slice(at * length, (at + 1) * length).join(''));
}

function textFor(bodies: readonly Tree[], isStreamed: boolean): string {
	const texts = bodies.map((body) => writeJson(body));
	return isStreamed ? [...texts, '[DONE]'].map((text) => `data: ${text}\n\n`).join('') : (texts[0] ?? '');
}

/** Draws from what fast-check chose, so that a failure shrinks. */
class Choice {
	readonly #numbers: readonly number[];
	#at = 0;

	constructor(numbers: readonly number[]) {
		this.#numbers = numbers;
	}

	below(count: number): number {
		return this.#numbers[this.#at++ % this.#numbers.length]! % count;
	}

	of<One>(list: readonly One[]): One {
		return list[this.below(list.length)]!;
	}
}

/** All members of all objects and lists in the bodies. */
function membersOf(tree: unknown, found: { of: Tree; key: string }[] = []): { of: Tree; key: string }[] {
	if (typeof tree !== 'object' || tree === null) return found;
	for (const [key, member] of Object.entries(tree)) {
		found.push({ of: tree as Tree, key });
		membersOf(member, found);
	}
	return found;
}

const otherTypes = [null, true, 7, -2.5, 'seven', '', [], ['a', null], {}, { text: 'hi' }];
const otherNumbers = [-1, -35, 0, 4.5, 1e300, 9007199254740992, 4000000000, 2 ** 31, 12];
const errors = [
	{ error: { message: 'boom', code: 500 } },
	{ error: 'boom' },
	{ error: { message: "This model's maximum context length is 10 tokens" } },
	{ choices: [{ error: { code: 502, message: 'gone' }, finish_reason: 'error' }] },
	{ detail: [{ msg: 'no' }] }
];

interface Mutated {
	/** What a server would have meant by it; `undefined` where its text was cut. */
	readonly bodies: readonly Tree[];
	readonly text: string;
}

interface Mutation {
	readonly of: 'both' | 'streamed';
	/** The reply stays what it was. */
	readonly isHarmless?: true;
	apply(bodies: Tree[], choice: Choice, sent: Sent): Mutated;
}

function mutating(of: Mutation['of'], change: (bodies: Tree[], choice: Choice) => void): Mutation {
	return {
		of,
		apply(bodies, choice, { isStreamed }) {
			change(bodies, choice);
			return { bodies, text: textFor(bodies, isStreamed) };
		}
	};
}

/** Bodies stay as they are; their text is sent otherwise. */
function rewriting(of: Mutation['of'], rewrite: (text: string, choice: Choice) => string): Mutation {
	return {
		of,
		isHarmless: true,
		apply: (bodies, choice, { isStreamed }) => ({
			bodies,
			text: rewrite(textFor(bodies, isStreamed), choice)
		})
	};
}

const mutations: Record<string, Mutation> = {
	'a member is dropped': mutating('both', (bodies, choice) => {
		const { of, key } = choice.of(membersOf(bodies));
		if (Array.isArray(of)) of.splice(Number(key), 1);
		else delete of[key];
	}),
	'a type is changed': mutating('both', (bodies, choice) => {
		const { of, key } = choice.of(membersOf(bodies));
		of[key] = choice.of(otherTypes);
	}),
	'a number is changed': mutating('both', (bodies, choice) => {
		const numbers = membersOf(bodies).filter(({ of, key }) => typeof of[key] === 'number');
		const { of, key } = choice.of(numbers);
		of[key] = choice.of(otherNumbers);
	}),
	'an error takes a place': mutating('both', (bodies, choice) => {
		bodies[choice.below(bodies.length)] = structuredClone(choice.of(errors));
	}),
	'the text is cut': {
		of: 'both',
		apply(bodies, choice, { isStreamed }) {
			const text = textFor(bodies, isStreamed);
			const cut = text.slice(0, choice.below(text.length));
			const events = cut.split('\n\n').map((event) => event.slice('data: '.length).trimEnd());
			const there = isStreamed
				? events.flatMap((event, at) => (event === writeJson(bodies[at]) ? [bodies[at]!] : []))
				: [];
			return { bodies: there, text: cut };
		}
	},
	'a chunk is lost': mutating('streamed', (bodies, choice) => bodies.splice(choice.below(bodies.length), 1)),
	'a chunk comes twice': mutating('streamed', (bodies, choice) => {
		const at = choice.below(bodies.length);
		bodies.splice(at, 0, structuredClone(bodies[at]!));
	}),
	'two chunks change places': mutating('streamed', (bodies, choice) => {
		const [a, b] = [choice.below(bodies.length), choice.below(bodies.length)];
		[bodies[a], bodies[b]] = [bodies[b]!, bodies[a]!];
	}),
	'line ends are others': rewriting('streamed', (text, choice) =>
		text.replaceAll('\n', choice.of(['\r\n', '\r']))
	),
	'comments come between': rewriting('streamed', (text, choice) =>
		text.replaceAll('\n\n', () =>
			choice.of(['\n\n: keep-alive\n\n', '\n\n\n', '\n\nevent: ping\ndata: {}\n\n', '\n\n'])
		)
	),
	'empty lines come first': rewriting(
		'both',
		(text, choice) => choice.of(['\n', ' \n\r\n', '\n\n\n\n']) + text
	)
};

/** In pieces that end anywhere, in the middle of a character too. */
function responseOf(text: string, choice: Choice): Response {
	const bytes = new TextEncoder().encode(text);
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			for (let at = 0; at < bytes.length;) {
				const end = at + 1 + choice.below(200);
				controller.enqueue(bytes.subarray(at, end));
				at = end;
			}
			controller.close();
		}
	});
	return new Response(body);
}

async function read(response: Response) {
	const reader = new ReplyReader();
	let bodies = 0;
	for await (const body of bodiesOf(response)) {
		reader.add(body);
		// What the page shows on the way; not each time, or it takes most of the test's time.
		if (bodies++ % 8 === 0) void reader.text;
	}
	const reply = reader.end();
	return { ...readServerReply(reply, { seed: 1, tools: [] }), usage: reply.usage, finish: reply.finish };
}

type Outcome = Awaited<ReturnType<typeof read>>;

function expectSound({ message, usage }: Outcome): void {
	const event = {
		n: 0,
		kind: 'agent',
		path: 'L',
		turn: 0,
		try: 0,
		outcome: 'finished',
		messages: [{ ...message, seenBy: 'agent' }],
		calls: [],
		tokens: { prompt: usage.promptTokens, completion: usage.completionTokens }
	};
	// Whatever is read can be stored, and opened again.
	readScenarioEvent({ scenario: 'a', event }, 'what was read');
}

const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** All numbers in the arguments that the bodies hold, by each way in which a call's pieces may be told. */
function sentNumbers(bodies: readonly Tree[]): Set<string> {
	const texts = new Map<string, string>();
	const add = (key: string, args: unknown) => texts.set(key, (texts.get(key) ?? '') + textOf(args));
	for (const body of bodies) {
		const [choice] = (Array.isArray(body?.['choices']) ? body['choices'] : []) as Tree[];
		const { message, delta } = choice ?? {};
		for (const [place, holder] of [message, delta].entries()) {
			const { tool_calls: calls } = (holder ?? {}) as Tree;
			const listed: unknown[] = Array.isArray(calls) ? calls : [calls];
			for (const [at, one] of listed.entries()) {
				const { index, id, function: made } = (one ?? {}) as Tree;
				const text = ((made ?? one ?? {}) as Tree)['arguments'];
				if (place === 0) add(`whole ${at}`, text);
				else for (const key of [`index ${String(index)}`, `id ${String(id)}`]) add(key, text);
			}
		}
	}
	return new Set([...texts.values()].flatMap((text) => text.match(numbers) ?? []));
}

function textOf(args: unknown): string {
	if (typeof args === 'string') return args;
	return args === undefined || args === null ? '' : jsonText(parseJson(writeJson(args)));
}

function expectNumbers({ message, usage }: Outcome, bodies: readonly Tree[]): number {
	const known = sentNumbers(bodies);
	let compared = 0;
	for (const { function: made } of message.tool_calls ?? []) {
		for (const digits of writeArguments(made).match(numbers) ?? []) {
			compared++;
			if (!known.has(digits)) expect.fail(`${digits} was never sent`);
		}
	}
	let sentUsage: unknown;
	for (const body of bodies) {
		const [choice] = (Array.isArray(body?.['choices']) ? body['choices'] : []) as (Tree | null)[];
		sentUsage = body?.['usage'] ?? choice?.['usage'] ?? sentUsage;
	}
	const countOf = (key: string) => {
		const count = (sentUsage as Tree | undefined)?.[key];
		return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count < 2 ** 31 ? count : 0;
	};
	expect([usage.promptTokens, usage.completionTokens]).toEqual(
		['prompt_tokens', 'completion_tokens'].map(countOf)
	);
	return compared + 2;
}

function expectWhole(
	outcome: Outcome,
	{ content, thoughts, calls, prompt, completion, asObjects }: Sent
): void {
	expect(outcome.problem).toBeUndefined();
	expect(outcome.message.content).toBe(content);
	expect(outcome.message.reasoning ?? '').toBe(thoughts);
	expect(
		outcome.message.tool_calls?.map(({ function: made }) => [made.name, writeArguments(made)]) ?? []
	).toEqual(calls.map(({ name, args: text }) => [name, asObjects ? jsonText(parseJson(text)) : text]));
	expect(outcome.usage).toMatchObject({ promptTokens: prompt, completionTokens: completion });
}

const runs = 10_000;
const typedErrors = ['ModelFaultError', 'ModelLoadError', 'ContextOverflowError'];

it(`reads ${runs} damaged replies to a sound message or a typed error, and changes no number`, async () => {
	const names = Object.keys(mutations);
	const counts = new Map<string, number>();
	const count = (what: string, by = 1) => counts.set(what, (counts.get(what) ?? 0) + by);
	const choices = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(sent, fc.constantFrom(...names), choices, async (one, name, numbersChosen) => {
			const { of, isHarmless, apply } = mutations[name]!;
			const asSent = { ...one, isStreamed: one.isStreamed || of === 'streamed' };
			const choice = new Choice(numbersChosen);
			count(`${name}, ${asSent.isStreamed ? 'streamed' : 'whole'}`);
			const { bodies, text } = apply(bodiesFor(asSent), choice, asSent);
			let outcome: Outcome;
			try {
				outcome = await read(responseOf(text, choice));
			} catch (error) {
				const fault = faultOf(error, { server: 'SERVER', model: 'm' });
				if (isHarmless || !typedErrors.includes(fault.error.name)) throw error;
				count('typed errors');
				return;
			}
			if (isHarmless) expectWhole(outcome, asSent);
			expectSound(outcome);
			count('numbers compared', expectNumbers(outcome, bodies));
			count('sound messages');
			if (outcome.problem !== undefined) count('problems');
		}),
		{ numRuns: runs, seed: 20261126 }
	);
	const kinds = names.flatMap((name) =>
		(mutations[name]!.of === 'both' ? ['whole', 'streamed'] : ['streamed']).map((way) => `${name}, ${way}`)
	);
	for (const kind of [...kinds, 'typed errors', 'sound messages', 'problems', 'numbers compared'])
		expect(counts.get(kind) ?? 0, kind).toBeGreaterThan(100);
	if (process.env['FUZZ_PRINT']) console.log(Object.fromEntries(counts));
}, 120_000);
