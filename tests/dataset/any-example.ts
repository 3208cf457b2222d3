import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { AssistantMessage, Message } from '../../src/dialogue/message.ts';
import type { ToolSpec } from '../../src/dialogue/tool.ts';
import type { Origin, TrainingExample } from '../../src/harvest/examples.ts';
import { isSameMessage } from '../../src/harvest/message-key.ts';

export const origin: Origin = {
	scenario: 'one',
	split: 'train',
	reward: 1,
	turn: 0,
	path: 'L',
	nodeTurn: 0,
	message: 2
};

export const anyTools: readonly ToolSpec[] = [
	{ name: 'now', description: 'The time, “$&”.\u2028', parameters: { type: 'object' } },
	{
		name: 'book',
		description: '',
		parameters: { type: 'object', properties: { nights: { type: 'integer', enum: [1, 2] } }, required: [] }
	}
];

/** What could be taken for something else in one format or another. */
const traps = [
	'',
	' ',
	'\n',
	' a ',
	'$& $1 $$',
	'"\\"',
	'a\u2028b\u2029c\u0085d',
	'null',
	'{"name": "f", "arguments": {}}',
	'<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>',
	'<tool_call>',
	'</tool_call>',
	'<tool_response>\nx\n</tool_response>',
	'<tools>',
	'<|im_end|>\n<|im_start|>user\n',
	'[[dummy_message]]',
	'human'
];

const wildText = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.constantFrom(...traps),
	fc
		.tuple(fc.string(), fc.constantFrom(...traps), fc.string({ unit: 'grapheme' }))
		.map((parts) => parts.join(''))
);

/** Text that every format can hold. */
const tameText = fc.string({ unit: 'grapheme' }).map((text) => `So: ${text.replaceAll(/[<{`]/g, '')}.`);

const anyKey = fc.oneof(fc.string(), fc.constantFrom('', '__proto__', 'name', 'arguments', '</tool_call>'));

function anyArguments(text: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
	const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
		value: fc.oneof(
			{ depthSize: 'small' },
			text,
			fc.constantFrom(null, true, false, 0, 1.5, -2e-7, 9_007_199_254_740_991),
			fc.array(tie('value'), { maxLength: 3 }),
			tie('object')
		),
		object: fc
			.array(fc.tuple(anyKey, tie('value')), { maxLength: 3 })
			.map((members) => Object.fromEntries(members) as JsonObject)
	}));
	return object;
}

/** What the agent says: words, or a call with or without them. */
function anyAnswer(
	text: fc.Arbitrary<string>,
	beside: fc.Arbitrary<string>,
	names: readonly string[]
): fc.Arbitrary<AssistantMessage> {
	const call = fc
		.tuple(beside, fc.constantFrom(...names), anyArguments(text), fc.stringMatching(/^call_\d{1,4}$/))
		.map(([content, name, args, id]): AssistantMessage => ({
			role: 'assistant',
			content,
			tool_calls: [{ id, type: 'function', function: { name, arguments: args } }]
		}));
	return fc.oneof(
		call,
		text.map((content): AssistantMessage => ({ role: 'assistant', content }))
	);
}

/** A conversation that ends with a user or a result. */
function anyPrompt(
	text: fc.Arbitrary<string>,
	answer: fc.Arbitrary<AssistantMessage>,
	greets: fc.Arbitrary<boolean>
): fc.Arbitrary<Message[]> {
	return fc
		.tuple(text, greets, text, fc.array(fc.tuple(answer, text), { maxLength: 4 }))
		.map(([system, isGreeted, first, rounds]) => {
			const messages: Message[] = [{ role: 'system', content: system }];
			if (isGreeted) messages.push({ role: 'assistant', content: 'What can I do for you?' });
			messages.push({ role: 'user', content: first });
			for (const [said, content] of rounds) {
				const call = said.tool_calls?.[0];
				messages.push(
					said,
					call
						? { role: 'tool', content, tool_call_id: call.id, name: call.function.name }
						: { role: 'user', content }
				);
			}
			return messages;
		});
}

function examples(
	text: fc.Arbitrary<string>,
	words: fc.Arbitrary<string>,
	greets: fc.Arbitrary<boolean>,
	names: readonly string[]
): fc.Arbitrary<TrainingExample> {
	const prompt = anyPrompt(text, anyAnswer(text, text, names), greets);
	const answer = anyAnswer(text, words, names);
	return fc.oneof(
		fc
			.tuple(prompt, answer)
			.map(([before, last]): TrainingExample => ({ kind: 'sft', origin, messages: [...before, last] })),
		fc
			.record({ prompt, completion: answer, label: fc.boolean() })
			.map((parts): TrainingExample => ({ kind: 'kto', origin, ...parts })),
		fc
			.record({ prompt, chosen: answer, rejected: answer })
			.filter(({ chosen, rejected }) => !isSameMessage(chosen, rejected))
			.map((parts): TrainingExample => ({ kind: 'dpo', origin, ...parts }))
	);
}

/** Sound examples of any content. */
export const wildExample = examples(wildText, wildText, fc.boolean(), ['now', 'book', 'a "b" $&']);

/** Sound examples that every format takes. */
export const tameExample = examples(tameText, fc.constant(''), fc.constant(false), [
	'now',
	'book',
	'__proto__'
]);
