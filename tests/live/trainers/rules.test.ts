import { expect, test } from 'vitest';
import { hermesProblems } from './hermes-rules.ts';
import { preferenceProblems, sftProblems } from './openai-rules.ts';

const tools = [{ type: 'function', function: { name: 'search', parameters: {} } }];
const user = { role: 'user', content: 'Find one.' };
const words = { role: 'assistant', content: 'Here it is.' };
const calling = (args: unknown) => ({
	role: 'assistant',
	tool_calls: [{ id: 'a', type: 'function', function: { name: 'search', arguments: args } }]
});
const answer = { role: 'tool', tool_call_id: 'a', content: '[]' };

const sft = (...messages: unknown[]) => [...sftProblems({ messages, tools })];

test('a sound conversation for OpenAI passes', () => {
	expect(sft(user, calling('{"area":"north"}'), answer, words)).toEqual([]);
});

test.each([
	['arguments as an object', [user, calling({ area: 'north' }), answer, words], 'arguments are not JSON'],
	['arguments that are no JSON', [user, calling('{'), answer, words], 'arguments are no JSON object'],
	['a call without an answer', [user, calling('{}'), words], 'before a call is answered'],
	['an answer without a call', [user, answer, words], 'answers no open call'],
	['a message that says nothing', [user, { role: 'assistant', content: '' }], 'says nothing'],
	['a key of another format', [{ ...user, meta: {} }, words], 'unknown key meta'],
	['an end with the user', [words, user], 'do not end with the assistant']
])('%s is found', (_, messages, problem) => {
	expect(sft(...messages).join()).toContain(problem);
});

test('outputs of a preference are one message of the assistant each', () => {
	const row = { input: { messages: [user], tools }, preferred_output: [calling('{}')] };
	expect([...preferenceProblems({ ...row, non_preferred_output: [words] })]).toEqual([]);
	expect([...preferenceProblems({ ...row, non_preferred_output: [words, user] })]).toHaveLength(1);
});

test('calls in Hermes text are read', () => {
	const row = (text: string) => ({
		conversations: [
			{ from: 'system', value: '<tools>\n</tools>' },
			{ from: 'gpt', value: text }
		],
		tools: JSON.stringify(tools)
	});
	const call = '<tool_call>\n{"name": "search", "arguments": {}}\n</tool_call>';
	expect([...hermesProblems(row(call))]).toEqual([]);
	for (const broken of [call.replace('{}', '{'), call.replace('search', 'find'), call.slice(0, -1)])
		expect([...hermesProblems(row(broken))], broken).not.toEqual([]);
});
