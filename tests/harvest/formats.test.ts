import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { Message } from '../../src/dialogue/message.ts';
import { harvestFiles } from '../../src/harvest/dataset.ts';
import type { KtoExample } from '../../src/harvest/examples.ts';
import { trlKto } from '../../src/harvest/formats/trl-kto.ts';
import { trlSft } from '../../src/harvest/formats/trl-sft.ts';
import { jsonLine } from '../../src/harvest/json-line.ts';
import { agentView } from '../../src/simulation/views.ts';
import { desk, smallTree } from './desk.ts';

describe('the files of the small tree', async () => {
	const search = smallTree();
	const { files, summary } = await harvestFiles([search]);

	it.each(files.map(({ name }) => name))('%s is as it was', async (name) => {
		const { content } = files.find((file) => file.name === name)!;
		await expect(await content.text()).toMatchFileSnapshot(`./golden/${name}`);
	});

	it('have the counted number of lines', async () => {
		for (const { name, content } of files) {
			expect((await content.text()).split('\n')).toHaveLength(summary.rows[name]! + 1);
		}
		expect(summary).toMatchObject({
			scenarios: 1,
			meanReward: 1,
			successRate: 1,
			examples: { sft: 1, kto: { true: 6, false: 2 }, dpo: 2 },
			leftOut: []
		});
	});

	it('read back as the dialogue', async () => {
		const lines = (await files[0]!.content.text()).trimEnd().split('\n');
		const { messages } = JSON.parse(lines[0]!) as { messages: Message[] };
		const golden = search.tree.examples.findLast((example) => example.golden)!;
		expect(messages).toEqual(agentView(desk, golden.messages));
	});
});

describe('a row that a trainer would stumble over', () => {
	const origin = {
		scenario: 'one',
		split: 'train',
		reward: 1,
		turn: 0,
		path: 'L',
		nodeTurn: 0,
		message: 2
	} as const;
	const good: KtoExample = {
		kind: 'kto',
		origin,
		prompt: [
			{ role: 'system', content: 'S' },
			{ role: 'user', content: 'U' }
		],
		completion: { role: 'assistant', content: 'A' },
		label: true
	};
	const problems = (change: object) =>
		trlKto
			.encode({ ...good, ...change } as KtoExample, { tools: [] })
			.map((row) => ('problem' in row ? row.problem : 'none'));
	const call = (id: string, args: unknown = {}) => ({
		id,
		type: 'function',
		function: { name: 'f', arguments: args }
	});

	it('is a row when nothing is wrong', () => expect(problems({})).toEqual(['none']));

	it.each([
		['label', { label: 'true' }, 'label is not a boolean'],
		[
			'end of the prompt',
			{ prompt: [{ role: 'system', content: 'S' }] },
			'prompt ends with a message of role system, not user or tool'
		],
		['empty prompt', { prompt: [] }, 'prompt ends with nothing, not user or tool'],
		[
			'role of the completion',
			{ completion: { role: 'user', content: 'A' } },
			'completion is not one assistant message'
		],
		[
			'content',
			{ completion: { role: 'assistant', content: null } },
			'completion, message 2: content is not a string'
		],
		[
			'answer to no call',
			{ prompt: [{ role: 'tool', content: '', tool_call_id: 'x', name: 'f' }] },
			'prompt, message 0: answers no earlier call'
		],
		[
			'calls',
			{ completion: { role: 'assistant', content: '', tool_calls: [call('a'), call('b')] } },
			'completion, message 2: more than one tool call'
		],
		[
			'arguments',
			{ completion: { role: 'assistant', content: '', tool_calls: [call('a', '{}')] } },
			'completion, message 2: arguments are not an object'
		]
	])('is a problem: %s', (_, change, problem) => expect(problems(change)).toEqual([problem]));

	it('is one in SFT as well', () => {
		const messages = [{ role: 'tool', content: '', tool_call_id: 'x', name: 'f' }] as const;
		expect(trlSft.encode({ kind: 'sft', origin, messages }, { tools: [] })).toEqual([
			{ problem: 'messages, message 0: answers no earlier call' }
		]);
	});

	it('stays one line for every reader', () => {
		const record: JsonObject = { text: 'a\nb\u2028c\u2029d\u0085e\ud800', ['__proto__']: 1 };
		const line = jsonLine(record);
		expect(line).toBe('{"text":"a\\nb\\u2028c\\u2029d\\u0085e\\ud800","__proto__":1}\n');
		expect(JSON.parse(line)).toEqual(record);
	});
});
