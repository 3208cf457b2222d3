import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { hermesToolsSection } from '../../src/dialogue/hermes-write.ts';
import type { AssistantMessage, Message } from '../../src/dialogue/message.ts';
import { readChatLines } from '../../src/dialogue/openai-read.ts';
import type { DpoExample, KtoExample, SftExample, TrainingExample } from '../../src/harvest/examples.ts';
import { datasetFormats } from '../../src/dataset/formats/index.ts';
import { messageKey } from '../../src/harvest/message-key.ts';
import { jsonLine } from '../../src/dataset/json-line.ts';
import { agentView } from '../../src/talk/views.ts';
import { preferenceProblems, sftProblems } from '../live/trainers/openai-rules.ts';
import { anyTools, origin, tameExample, wildExample } from './any-example.ts';
import { desk, smallTree } from '../harvest/desk.ts';
import { harvestFiles } from './harvest-files.ts';
import { asHeld, readers, type ReadExample } from './readers.ts';

// Properties take long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const formats = [...datasetFormats.values()];

describe('the formats', () => {
	it('are these, each with a reader', () => {
		expect([...datasetFormats.keys()]).toEqual([
			'trl-sft/1',
			'trl-kto/1',
			'trl-dpo/1',
			'trl-prompt-completion/1',
			'trl-reward/1',
			'openai-sft/1',
			'openai-preference/1',
			'llamafactory-sft/1',
			'llamafactory-ranking/1',
			'llamafactory-kto/1',
			'axolotl-sft/2',
			'axolotl-dpo/1',
			'axolotl-kto/1',
			'hermes-sft/1'
		]);
		expect(Object.keys(readers).sort()).toEqual([...datasetFormats.keys()].sort());
	});

	it('are all that the folder holds', () => {
		const files = readdirSync(new URL('../../src/dataset/formats', import.meta.url));
		const writers = files.filter((file) => formats.some(({ id }) => file === `${id.split('/')[0]!}.ts`));
		const named = files.filter((file) =>
			/-(sft|kto|dpo|reward|preference|ranking|completion)\.ts$/.test(file)
		);
		expect(writers).toEqual(named);
		expect(writers).toHaveLength(formats.length);
	});

	it('share no name, label or path', () => {
		const names = formats.flatMap((format) => [
			format.fileName,
			format.pathOf('train'),
			format.pathOf('test')
		]);
		expect(new Set(names).size).toBe(names.length);
		expect(new Set(formats.map(({ label }) => label)).size).toBe(formats.length);
	});
});

describe('the files of the small tree', async () => {
	const search = smallTree();
	const { files, summary } = await harvestFiles([search], { formats });

	it.each(files.map(({ name }) => name))('%s is as it was', async (name) => {
		const { content } = files.find((file) => file.name === name)!;
		await expect(await content.text()).toMatchFileSnapshot(`./golden/${name}`);
	});

	it('have golden files, and no golden file is left over', () => {
		const golden = readdirSync(new URL('golden', import.meta.url));
		// Those of check-report.test.ts.
		const trainingSettings = golden.filter((name) => name.startsWith('train_'));
		expect(golden.sort()).toEqual(
			[...files.map(({ name }) => name), ...Object.keys(sideFiles()), ...trainingSettings].sort()
		);
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
		const rows = formats.map(({ fileName }) => summary.rows[fileName]);
		expect(rows).toEqual([1, 8, 2, 6, 2, 1, 2, 1, 2, 8, 1, 2, 8, 1]);
	});

	it('read back as the dialogue', async () => {
		const lines = (await files[0]!.content.text()).trimEnd().split('\n');
		const { messages } = JSON.parse(lines[0]!) as { messages: Message[] };
		const golden = search.tree.examples.findLast((example) => example.golden)!;
		expect(messages).toEqual(agentView(desk, golden.messages));
	});
});

/** Of a folder with all files, by the last part of their names. */
function sideFiles(
	splits: readonly ('train' | 'test')[] = ['train', 'test'],
	rows = 1
): Record<string, string> {
	const written = {
		rows: Object.fromEntries(formats.flatMap(({ pathOf }) => splits.map((s) => [pathOf(s), rows])))
	};
	const found: Record<string, string> = {};
	for (const { name, text } of formats.flatMap((format) => format.sideFiles(written))) {
		const short = name.split('/').at(-1)!;
		expect(found[short] ?? text, 'formats that share a file agree on it').toBe(text);
		found[short] = text;
	}
	return found;
}

describe('side files', () => {
	it.each(Object.entries(sideFiles()))('%s is as it was', async (name, text) => {
		await expect(text).toMatchFileSnapshot(`./golden/${name}`);
	});

	it('name only files that hold rows', () => {
		expect(sideFiles(['train', 'test'], 0)).toEqual({});
		const train = sideFiles(['train']);
		expect(Object.keys(JSON.parse(train['dataset_info.json']!) as object)).toEqual([
			'joshtree_sft',
			'joshtree_ranking',
			'joshtree_kto'
		]);
		for (const text of Object.values(train)) expect(text).not.toContain('test');
	});
});

/** What the page shows of a row: each message, and how it was judged. */
function onThePage(line: string) {
	const { conversations, problems } = readChatLines(line);
	expect(problems).toEqual([]);
	expect(conversations).toHaveLength(1);
	const { messages, rest = {} } = conversations[0]!;
	expect(
		Object.keys(rest).filter((name) => !['tools', 'parallel_tool_calls', 'meta'].includes(name))
	).toEqual([]);
	for (const message of messages) expect(message).not.toHaveProperty('rest');
	return messages.map((message) => [message.verdict, messageKey(message)]);
}

function asShown(example: ReadExample, format: string) {
	const hasToolsInText = /^(axolotl-(dpo|kto)|hermes)/.test(format);
	const shown = (message: Message, verdict?: string) => [
		verdict,
		messageKey(
			hasToolsInText && message.role === 'system'
				? { ...message, content: message.content + hermesToolsSection(anyTools) }
				: message
		)
	];
	if (example.kind === 'sft') return example.messages.map((message) => shown(message));
	const prompt = example.prompt.map((message) => shown(message));
	if (example.kind === 'dpo')
		return [...prompt, shown(example.chosen, 'chosen'), shown(example.rejected, 'rejected')];
	const label = example.label ? 'good' : 'bad';
	return [...prompt, shown(example.completion, format.startsWith('trl-prompt') ? undefined : label)];
}

describe.each(formats)('$id', (format) => {
	const reader = readers[format.id]!;
	const takes = (example: TrainingExample) =>
		format.kinds.includes(example.kind) &&
		!(format.id.startsWith('trl-prompt-completion') && example.kind === 'kto' && !example.label);

	/** Checks all rows of an example; returns how many there are. */
	function holds(example: TrainingExample): number {
		const outcomes = format.encode(example, { tools: anyTools });
		if (!takes(example)) expect(outcomes).toEqual([]);
		const rows = outcomes.flatMap((outcome) => ('row' in outcome ? [outcome.row] : []));
		for (const row of rows) {
			const line = jsonLine(row);
			const parsed = JSON.parse(line) as JsonObject;
			expect(line.slice(0, -1)).not.toMatch(/[\n\u0085\u2028\u2029]/);
			expect(Object.keys(parsed)).toEqual(reader.columns);
			if (format.features) expect(Object.keys(format.features)).toEqual(reader.columns);
			const { origin: _, ...said } = example;
			const { example: read, tools } = reader.read(parsed, anyTools);
			expect(read).toEqual(asHeld(said, reader));
			if (tools) expect(tools).toEqual(anyTools.map(reader.adds ?? ((tool) => tool)));
			expect(onThePage(line)).toEqual(asShown(asHeld(said, reader), format.id));
		}
		return rows.length;
	}

	it('writes what every format can hold, and it reads back as the same dialogue', () => {
		fc.assert(
			fc.property(tameExample, (example) => void expect(holds(example)).toBe(takes(example) ? 1 : 0))
		);
	});

	it('refuses what would not read back as the same dialogue', () => {
		fc.assert(
			fc.property(wildExample, (example) => void holds(example)),
			{ numRuns: 500 }
		);
	});
});

it("a tool has one name in all of a row of OpenAI's, and one that it takes", () => {
	const tools = [{ name: 'maps.search', description: '', parameters: { type: 'object' } }];
	const calling: AssistantMessage = {
		role: 'assistant',
		content: '',
		tool_calls: [{ id: 'a', type: 'function', function: { name: 'maps.search', arguments: {} } }]
	};
	const user: Message = { role: 'user', content: 'U' };
	const answer: Message = { role: 'tool', content: '[]', tool_call_id: 'a', name: 'maps.search' };
	const spoken: AssistantMessage = { role: 'assistant', content: 'A' };
	const rowOf = (id: string, example: TrainingExample) => {
		const [written] = datasetFormats.get(id)!.encode(example, { tools });
		return (written as { readonly row: JsonObject }).row;
	};
	const sft = rowOf('openai-sft/1', { kind: 'sft', origin, messages: [user, calling, answer, spoken] });
	const dpo = { kind: 'dpo', origin, prompt: [user], chosen: calling, rejected: spoken } as const;
	expect([...sftProblems(sft), ...preferenceProblems(rowOf('openai-preference/1', dpo))]).toEqual([]);
	expect(sft['tools']).toMatchObject([{ function: { name: 'maps_search' } }]);
	const trl = rowOf('trl-sft/1', { kind: 'sft', origin, messages: [user, calling, answer, spoken] });
	expect(trl['tools']).toMatchObject([{ function: { name: 'maps.search' } }]);
});

describe('an example that a trainer would stumble over', () => {
	const prompt: Message[] = [
		{ role: 'system', content: 'S' },
		{ role: 'user', content: 'U' }
	];
	const good: KtoExample = {
		kind: 'kto',
		origin,
		prompt,
		completion: { role: 'assistant', content: 'A' },
		label: true
	};
	const sft: SftExample = { kind: 'sft', origin, messages: [...prompt, good.completion] };
	const dpo: DpoExample = {
		kind: 'dpo',
		origin,
		prompt,
		chosen: { role: 'assistant', content: 'Good.' },
		rejected: { role: 'assistant', content: 'Bad.' }
	};
	const problems = (id: string, example: object) =>
		datasetFormats
			.get(id)!
			.encode(example as TrainingExample, { tools: anyTools })
			.map((outcome) => ('problem' in outcome ? outcome.problem : 'none'));
	const call = (id: string, args: unknown = {}) => ({
		id,
		type: 'function',
		function: { name: 'f', arguments: args }
	});
	const said = (content: unknown, ...calls: readonly object[]) => ({
		role: 'assistant',
		content,
		...(calls.length > 0 && { tool_calls: calls })
	});
	const result = (id: string, name = 'f', content = 'R') => ({
		role: 'tool',
		content,
		tool_call_id: id,
		name
	});

	it('is a row when nothing is wrong', () => {
		for (const { id, kinds } of formats) {
			for (const example of [sft, good, dpo]) {
				if (kinds.includes(example.kind)) expect(problems(id, { ...example })).toEqual(['none']);
			}
		}
	});

	const ktoFormats = formats.filter(({ kinds }) => kinds.includes('kto')).map(({ id }) => id);

	it.each([
		['label', { label: 'true' }, 'label is not a boolean'],
		['end', { prompt: [prompt[0]] }, 'prompt ends with a message of role system, not user or tool'],
		['empty prompt', { prompt: [] }, 'prompt ends with nothing, not user or tool'],
		['role', { completion: { role: 'user', content: 'A' } }, 'completion is not one assistant message'],
		['content', { completion: said(null) }, 'completion, message 2: content is not a string'],
		['half', { completion: said('\ud83d') }, 'completion, message 2: content holds half a character'],
		[
			'half in a call',
			{ completion: said('', call('a', { a: ['\udc00'] })) },
			'completion, message 2: arguments hold half a character'
		],
		[
			'answer to no call',
			{ prompt: [result('x')] },
			'prompt, message 0: answers no call of the message before it'
		],
		[
			'answer to another call',
			{ prompt: [...prompt, said('', call('a')), result('b')] },
			'prompt, message 3: answers no call of the message before it'
		],
		[
			'name of an answer',
			{ prompt: [...prompt, said('', call('a')), result('a', 'g')] },
			'prompt, message 3: answers a call of f as g'
		],
		[
			'call without an answer',
			{ prompt: [...prompt, said('', call('a')), prompt[1]] },
			'prompt, message 2: its call has no answer'
		],
		[
			'calls',
			{ completion: said('', call('a'), call('b')) },
			'completion, message 2: more than one tool call'
		],
		[
			'arguments',
			{ completion: said('', call('a', '{}')) },
			'completion, message 2: arguments are not an object'
		]
	])('for every trainer: %s', (_, change, problem) => {
		for (const id of ktoFormats) expect(problems(id, { ...good, ...change }), id).toEqual([problem]);
	});

	it('for every trainer, in SFT as well', () => {
		for (const { id, kinds } of formats.filter((format) => format.kinds.includes('sft'))) {
			expect(kinds).toEqual(['sft']);
			expect(problems(id, { ...sft, messages: [result('x')] })).toEqual([
				'messages, message 0: answers no call of the message before it'
			]);
		}
	});

	const greeted = [prompt[0], said('Hello.'), prompt[1]];

	it.each([
		[
			'openai-sft/1',
			{ ...sft, messages: [...prompt, said('')] },
			'messages, message 2: OpenAI takes no assistant message without words and calls'
		],
		[
			'openai-preference/1',
			{ ...dpo, rejected: said('') },
			'rejected, message 2: OpenAI takes no assistant message without words and calls'
		],
		[
			'llamafactory-sft/1',
			{ ...sft, messages: [...greeted, said('A')] },
			'messages, message 1: of role assistant where LLaMA-Factory wants a user or a tool'
		],
		[
			'llamafactory-kto/1',
			{ ...good, prompt: [...prompt, prompt[1]] },
			'prompt, message 2: of role user where LLaMA-Factory wants the assistant'
		],
		[
			'llamafactory-ranking/1',
			{ ...dpo, prompt: [...prompt, said('A'), prompt[0], prompt[1]] },
			'prompt, message 3: of role system where LLaMA-Factory wants a user or a tool'
		],
		[
			'llamafactory-sft/1',
			{ ...sft, messages: prompt },
			'messages do not end with the assistant, as LLaMA-Factory wants it'
		],
		[
			'llamafactory-ranking/1',
			{ ...dpo, rejected: said('Wait.', call('a')) },
			'rejected: LLaMA-Factory has no place for words beside a call'
		],
		[
			'llamafactory-ranking/1',
			{ ...dpo, chosen: said('', call('a')), rejected: said('\n', call('b')) },
			'chosen and rejected differ only in what LLaMA-Factory has no place for'
		],
		['llamafactory-kto/1', { ...good, completion: said('') }, 'completion: LLaMA-Factory takes no empty one'],
		['axolotl-dpo/1', { ...dpo, chosen: said('') }, 'chosen: Axolotl would not find it in rendered text'],
		[
			'axolotl-dpo/1',
			{ ...dpo, rejected: said('No. ') },
			'rejected: Axolotl would not find it in rendered text'
		],
		[
			'axolotl-dpo/1',
			{ ...dpo, rejected: said('user') },
			'rejected: Axolotl would not find it in rendered text'
		],
		[
			'axolotl-kto/1',
			{ ...good, completion: said('A<|im_end|>') },
			'completion, message 2: holds a control token of ChatML'
		],
		[
			'axolotl-kto/1',
			{ ...good, completion: said('', call('a', { a: '<|im_start|>' })) },
			'completion, message 2: holds a control token of ChatML'
		],
		[
			'hermes-sft/1',
			{ ...sft, messages: [...prompt, said('{"name": "f", "arguments": {}}')] },
			'messages, message 2: as Hermes text it would be read as another message'
		],
		[
			'hermes-sft/1',
			{ ...sft, messages: [prompt[0], { role: 'user', content: '<tool_response>' }, said('A')] },
			'messages, message 1: holds a tag of Hermes text'
		]
	])('for one trainer: %s, %#', (id, example, problem) => expect(problems(id, example)).toEqual([problem]));

	it('for Axolotl if a tool holds a control token', () => {
		const tools = [{ name: 'f', description: '<|im_end|>', parameters: {} }];
		expect(datasetFormats.get('axolotl-kto/1')!.encode(good, { tools })).toEqual([
			{ problem: 'tools: hold a control token of ChatML' }
		]);
	});

	it('is written without tools where there are none', () => {
		for (const format of formats) {
			const example = [sft, good, dpo].find(({ kind }) => format.kinds.includes(kind))!;
			const [outcome] = format.encode(example, { tools: [] });
			expect(JSON.stringify(outcome), format.id).not.toMatch(/parallel|<tools>/);
		}
	});
});

it('a record stays one line for every reader', () => {
	const record: JsonObject = { text: 'a\nb\u2028c\u2029d\u0085e\ud800', ['__proto__']: 1 };
	const line = jsonLine(record);
	expect(line).toBe('{"text":"a\\nb\\u2028c\\u2029d\\u0085e\\ud800","__proto__":1}\n');
	expect(JSON.parse(line)).toEqual(record);
});
