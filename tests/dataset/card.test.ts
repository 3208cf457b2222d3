import { describe, expect, it } from 'vitest';
import { cardText, type CardInput } from '../../src/dataset/card.ts';
import { SelfCheck } from '../../src/dataset/check/self-check.ts';
import { trainingCuration } from '../../src/dataset/curation/curation.ts';
import { writeDataset } from '../../src/dataset/dataset.ts';
import type { ScenarioTree } from '../../src/harvest/examples.ts';
import { datasetFormats, plainFormats } from '../../src/dataset/formats/index.ts';
import { MemoryScratch } from '../../src/dataset/memory-files.ts';
import { createEnvironment } from '../../src/environment/pack-environment.ts';
import { parsePack } from '../../src/environment/pack.ts';
import { createRunConfig } from '../../src/run/config.ts';
import type { ModelIdentity } from '../../src/models/language-model.ts';
import { deskPack } from '../environment/desk-pack.ts';
import { smallTree } from '../harvest/desk.ts';

const model: ModelIdentity = {
	name: 'Small | model',
	hash: 'abc',
	engine: 'wllama 3',
	settings: {},
	contextTokens: 1024,
	reproducible: true
};

async function input(searches: readonly ScenarioTree[], change: Partial<CardInput> = {}): Promise<CardInput> {
	const check = new SelfCheck();
	const summary = await writeDataset({
		searches: () => searches,
		formats: plainFormats,
		layout: 'folder',
		curation: trainingCuration,
		check,
		scratch: new MemoryScratch()
	});
	return {
		madeBy: { name: 'joshtree', version: '0.1.0' },
		record: {
			config: createRunConfig({ scenarios: ['one'], seed: 7 }),
			origin: {
				eventSchema: 2,
				parts: { strategy: 1, agent: 1, user: 1, reward: 1 },
				pack: { id: 'desk', hash: 'def' },
				agentModel: model,
				userModel: { ...model, name: 'Other', reproducible: false }
			}
		},
		environment: { title: 'A "desk": travel', license: 'MIT', tools: [] },
		formats: plainFormats,
		curation: trainingCuration,
		summary,
		report: check.report(),
		...change
	};
}

describe('the card', () => {
	it('is as it was', async () => {
		await expect(cardText(await input([smallTree()]))).toMatchFileSnapshot('./card.txt');
	});

	it('says what became of thoughts, where there are any', async () => {
		const { summary, ...rest } = await input([smallTree()]);
		const row = (places: { keptIn: string[]; leftOutOf: string[] }, more: Partial<CardInput> = {}) =>
			cardText({ ...rest, ...more, summary: { ...summary, thoughts: { messages: 8, ...places } } })
				.split('\n')
				.find((line) => line.startsWith('| thoughts'));
		expect(row({ keptIn: [], leftOutOf: ['trl-sft/1'] })).toBe(
			'| thoughts | the agent thought before 8 messages; left out |'
		);
		expect(row({ keptIn: ['trl-sft/1'], leftOutOf: ['openai-sft/1'] }, { thoughts: 'thinking' })).toBe(
			'| thoughts | the agent thought before 8 messages; kept in messages as `thinking`, left out of `openai-sft/1` |'
		);
	});

	it('of a dataset without rows names no configuration', async () => {
		const text = cardText(await input([]));
		expect(text).not.toContain('configs:');
		expect(text).toContain('size_categories: [n<1K]');
		expect(text).toContain('scenarios: 0');
	});

	it('says which tools have other names in the files of a trainer that does not take theirs', async () => {
		const tools = [{ name: 'maps.search', description: '', parameters: {} }];
		const environment = { title: 'T', license: 'MIT', tools };
		const openai = await input([smallTree()], { environment, formats: [...datasetFormats.values()] });
		expect(cardText(openai)).toContain('`maps.search` is `maps_search`.');
		expect(cardText(await input([smallTree()], { environment }))).not.toContain('maps_search');
	});

	it('names the files held back, the size and a licence that the Hub does not know', async () => {
		const { summary, ...rest } = await input([smallTree()]);
		const rows = {
			'dpo/train-00000-of-00001.jsonl': 123_456,
			'dpo/test-00000-of-00001.jsonl': 10,
			'openai/preference.jsonl': 123_456
		};
		const text = cardText({
			...rest,
			summary: { ...summary, rows },
			environment: { title: 'T', license: 'Own', tools: [] }
		});
		expect(text).toContain('license: other\n');
		expect(text).toContain('size_categories: [100K<n<1M]');
		expect(text).toContain(
			[
				'configs:',
				'- config_name: dpo',
				'  default: true',
				'  data_files:',
				'  - {split: train, path: dpo/train-*.jsonl}',
				'  - {split: test, path: dpo/test-*.jsonl}',
				'dataset_info:',
				'- config_name: dpo',
				'  features:',
				'  - {name: prompt, list: json}',
				'  - {name: chosen, list: json}',
				'  - {name: rejected, list: json}',
				'  - {name: tools, list: json}',
				'  - {name: meta, dtype: json}',
				'---'
			].join('\n')
		);
	});

	it.each<[string, string | readonly string[] | undefined, string[]]>([
		['says nothing of it', undefined, []],
		['names one', 'ja', ['language: ["ja"]']],
		// Without quotes `no` is false for YAML.
		['names several', ['no', 'en'], ['language: ["no","en"]']],
		[
			'names regions apart',
			['pt-br', 'pt', 'zh-Hant'],
			['language: ["pt","zh"]', 'language_bcp47: ["pt-BR","pt","zh-Hant"]']
		]
	])('of a pack that %s', async (_, language, lines) => {
		const pack = parsePack({
			...deskPack(),
			title: '予定デスク',
			...(language !== undefined && { language })
		});
		const text = cardText(await input([], { environment: createEnvironment(pack, 'hash') }));
		expect(text.split('\n').filter((line) => line.startsWith('language'))).toEqual([
			...lines,
			'language_creators: [machine-generated]'
		]);
	});
});
