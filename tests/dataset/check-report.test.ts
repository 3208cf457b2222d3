import { describe, expect, it } from 'vitest';
import { trainingCommands } from '../../src/dataset/check/commands.ts';
import { SelfCheck } from '../../src/dataset/check/self-check.ts';
import { jsonLine } from '../../src/dataset/json-line.ts';
import { booking, calling, kto, sft, tools } from './check-examples.ts';
import { sound, trimming } from './check-templates.ts';

const target = { name: 'A model', repository: 'me/a model', chatTemplate: sound };

describe('the report', () => {
	it('counts findings by reason and shows the first', () => {
		const check = new SelfCheck({ ...target, chatTemplate: trimming });
		const bad = calling('book_hotel', {});
		for (let i = 0; i < 7; i++) check.example(kto({ role: 'assistant', content: `${i} ` }), tools);
		expect(check.example(kto(bad), tools)).toBe(
			'a call does not fit its tool (book_hotel: nights is missing)'
		);
		expect(check.example(kto(bad, false), tools)).toBeUndefined();
		expect(check.example(kto(booking, true), tools, 'test')).toBeUndefined();
		const report = check.report();
		expect(report).toMatchObject({ target: 'A model', examples: 10, refused: 1 });
		expect(
			report.findings.map(({ severity, reason, examples, first }) => [
				severity,
				reason,
				examples,
				first.length
			])
		).toEqual([
			['error', 'a call does not fit its tool', 1, 1],
			['warning', 'the chat template trims what a message says', 7, 5],
			['warning', 'a call does not fit its tool', 1, 1]
		]);
		expect(report.findings[1]!.first[0]).toEqual({
			row: "kto row of scenario one, turn 0, path 'L', message 2",
			detail: 'message 0 (assistant): 0 '
		});
		// The refused one has no length; that of the test split has no weight.
		expect(report.lengths.kinds.kto!.whole.count).toBe(9);
		expect(report.suggestions.undesirableWeight).toMatchObject({ high: 7 });
		expect(JSON.parse(JSON.stringify(report))).toEqual(report);
	});

	it('looks at files that are loaded together', () => {
		const check = new SelfCheck();
		check.example(sft(booking), tools);
		check.row('sft/train-00000-of-00001.jsonl', jsonLine({ messages: [{ a: 1 }] }), true);
		check.row('sft/test-00000-of-00001.jsonl', jsonLine({ messages: [{ b: 1 }] }), true);
		check.row('axolotl/sft.jsonl', jsonLine({ messages: 'x' }));
		check.row('axolotl/sft.test.jsonl', jsonLine({ messages: 'y' }));
		const { columns, commands, target } = check.report();
		expect(target).toBeUndefined();
		expect(columns).toEqual([
			{
				path: 'sft/train-00000-of-00001.jsonl',
				json: ['messages[]'],
				late: ['messages[] is json, but something else at the beginning'],
				times: [],
				changes: [],
				isDeclared: true
			},
			{ path: 'axolotl/sft.jsonl', json: [], late: [], times: [], changes: [], isDeclared: false }
		]);
		expect(commands.map(({ trainer, configuration }) => `${trainer} ${configuration}`)).toEqual([
			'TRL sft',
			'Axolotl sft'
		]);
		expect(commands[0]!.command).toContain('YOUR_BASE_MODEL');
	});
});

describe('commands', () => {
	const paths = [
		...['sft', 'prompt_completion', 'dpo', 'kto', 'reward'].map(
			(name) => `${name}/train-00000-of-00001.jsonl`
		),
		'kto/test-00000-of-00001.jsonl',
		...[
			'llamafactory/sft',
			'llamafactory/ranking',
			'llamafactory/kto',
			'axolotl/sft',
			'axolotl/kto',
			'openai/sft'
		].map((name) => `${name}.jsonl`),
		'llamafactory/kto.test.jsonl',
		'axolotl/kto.test.jsonl'
	];
	const commands = trainingCommands({
		paths,
		model: 'me/a model',
		suggestions: {
			maxLength: { sft: 2048, dpo: 1536, kto: 1600 },
			undesirableWeight: { low: 2.26, high: 3, value: 2.63 },
			notes: []
		}
	});
	const find = (trainer: string, configuration: string) =>
		commands.find((one) => one.trainer === trainer && one.configuration === configuration)!;

	it('are there for all that can be trained on', () => {
		expect(commands.map(({ trainer, configuration }) => `${trainer} ${configuration}`)).toEqual([
			...['sft', 'prompt_completion', 'dpo', 'kto', 'reward'].map((name) => `TRL ${name}`),
			...['sft', 'ranking', 'kto'].map((name) => `LLaMA-Factory ${name}`),
			...['sft', 'kto'].map((name) => `Axolotl ${name}`)
		]);
	});

	it('of TRL name every setting that matters', () => {
		expect(find('TRL', 'kto').command).toBe(
			[
				"trl kto \\\n  --model_name_or_path 'me/a model'",
				'--dataset_name .',
				'--dataset_config kto',
				'--max_length 1600',
				'--per_device_train_batch_size 4',
				'--undesirable_weight 2.63',
				'--eval_strategy epoch',
				'--output_dir out/trl-kto'
			].join(' \\\n  ')
		);
		expect(find('TRL', 'sft').command).toContain('--assistant_only_loss True');
		expect(find('TRL', 'prompt_completion').command).toMatch(/^trl sft .*--max_length 1600/s);
		expect(find('TRL', 'reward').command).toMatch(/^trl reward .*--max_length 1536/s);
	});

	it('of LLaMA-Factory train on pairs with DPO', () => {
		const { text } = find('LLaMA-Factory', 'ranking').settings!;
		expect(text).toContain('stage: dpo\n');
		expect(text).toContain('dataset: joshtree_ranking\n');
		expect(text).toContain('cutoff_len: 1536\n');
	});

	it('of the others come with the file that they read', async () => {
		for (const [trainer, name] of [
			['LLaMA-Factory', 'llamafactory'],
			['Axolotl', 'axolotl']
		] as const) {
			for (const configuration of ['sft', 'kto'] as const) {
				const { command, settings } = find(trainer, configuration);
				expect(command.endsWith(` ${settings!.path}`)).toBe(true);
				await expect(settings!.text).toMatchFileSnapshot(`./golden/train_${name}_${configuration}.yaml`);
			}
		}
	});
});
