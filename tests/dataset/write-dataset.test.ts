import { describe, expect, it } from 'vitest';
import { sameForTarget } from '../../src/dataset/check/answer-key.ts';
import { SelfCheck } from '../../src/dataset/check/self-check.ts';
import { plainCuration, trainingCuration } from '../../src/dataset/curation/curation.ts';
import { writeDataset, type DatasetJob, type DatasetProgress } from '../../src/dataset/dataset.ts';
import type { ScenarioTree } from '../../src/harvest/examples.ts';
import { datasetFormats, plainFormats } from '../../src/dataset/formats/index.ts';
import { MemoryScratch, MemorySink } from '../../src/dataset/memory-files.ts';
import type { DatasetSummary } from '../../src/dataset/summary.ts';
import { sound, trimming } from './check-templates.ts';
import { bookTwo, desk, grow, script, searchNorth, smallTree } from '../harvest/desk.ts';

const formats = [...datasetFormats.values()];

/** Says other things than the small tree, so that nothing repeats. */
function otherTree(id: string): ScenarioTree {
	return grow(
		id,
		script(
			{ L: [searchNorth, `Found for ${id}.`], R: [`Where, ${id}?`], LL: [bookTwo, `Booked for ${id}.`] },
			{ '': `A hotel for ${id}, please.` }
		)
	);
}

const unfinished = ({ tree, ...rest }: ScenarioTree): ScenarioTree => ({
	...rest,
	tree: { ...tree, done: undefined }
});

/** Runs a job in memory; `disposed` counts scratch files that were removed. */
async function write(change: Partial<DatasetJob>) {
	const sink = new MemorySink();
	const scratch = new MemoryScratch();
	let disposed = 0;
	const summary = writeDataset({
		searches: () => [smallTree()],
		formats,
		layout: 'folder',
		curation: plainCuration,
		sink,
		scratch: {
			append: (bytes) => scratch.append(bytes),
			read: (at, length) => scratch.read(at, length),
			dispose: async () => void disposed++
		},
		...change
	});
	const outcome: { readonly summary?: DatasetSummary; readonly error?: Error } = await summary.then(
		(value) => ({ summary: value }),
		(error: Error) => ({ error })
	);
	const texts = new Map<string, string>();
	for (const { name, content } of sink.files) texts.set(name, await content.text());
	return { ...outcome, texts, disposed };
}

const rows = (text: string | undefined) =>
	(text ?? '')
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line) as { meta: { scenario: string }; label?: boolean });

describe('the two readings', () => {
	const first = [smallTree(), unfinished(otherTree('two')), otherTree('three')];
	const second = [smallTree(), otherTree('two'), otherTree('three')];

	it('write of a scenario that ended between them nothing, and of the others what is theirs', async () => {
		const readings = [first, second];
		const { summary, texts } = await write({ searches: () => readings.shift()!, formats: plainFormats });
		expect(readings).toEqual([]);
		expect(summary).toMatchObject({ scenarios: 2, unfinished: 1, leftOut: [] });
		const path = 'kto/train-00000-of-00001.jsonl';
		const scenarios = rows(texts.get(path)).map(({ meta }) => meta.scenario);
		expect(new Set(scenarios)).toEqual(new Set(['one', 'three']));
		const straight = await write({ searches: () => first, formats: plainFormats });
		expect(texts).toEqual(straight.texts);
	});

	it('do not mistake one scenario for another when one cannot be read again', async () => {
		const readings = [second, second.slice(1)];
		const { texts } = await write({ searches: () => readings.shift()!, curation: trainingCuration });
		const { texts: whole } = await write({ searches: () => second, curation: trainingCuration });
		for (const [path, text] of texts) {
			if (!path.endsWith('.jsonl')) continue;
			const lines = whole.get(path)!.split('\n');
			for (const line of text.split('\n')) expect(lines).toContain(line);
		}
		const names = rows(texts.get('kto/train-00000-of-00001.jsonl')).map(({ meta }) => meta.scenario);
		expect(new Set(names)).toEqual(new Set(['two', 'three']));
	});

	it('tell how far they are', async () => {
		const told: DatasetProgress[] = [];
		await write({
			searches: () => first,
			formats: plainFormats,
			onProgress: (progress) => told.push(progress)
		});
		expect(told.map(({ step, done }) => `${step} ${done}`)).toEqual([
			...['reading 1', 'reading 2', 'arranging 1', 'arranging 2'],
			...['writing 1', 'writing 2', 'writing 3']
		]);
	});
});

describe('the folder', () => {
	it('holds a file for each format and split that has rows, and each side file once', async () => {
		const { texts, summary } = await write({});
		expect([...texts.keys()]).toEqual([
			...['sft', 'kto', 'dpo', 'prompt_completion', 'reward'].map(
				(name) => `${name}/train-00000-of-00001.jsonl`
			),
			...['openai/sft', 'openai/preference', 'llamafactory/sft', 'llamafactory/ranking'].map(
				(name) => `${name}.jsonl`
			),
			...['llamafactory/kto', 'axolotl/sft', 'axolotl/dpo', 'axolotl/kto', 'hermes/sft'].map(
				(name) => `${name}.jsonl`
			),
			'llamafactory/dataset_info.json'
		]);
		for (const [path, text] of texts) {
			expect(text, path).not.toBe('');
			if (path.endsWith('.jsonl')) expect(rows(text)).toHaveLength(summary!.rows[path]!);
		}
		expect(Object.keys(summary!.rows)).toEqual([...texts.keys()].filter((path) => path.endsWith('.jsonl')));
	});

	it('holds what is left to learn from beside what is held back, the first first', async () => {
		const { summary } = await write({
			searches: () => desk.scenarios.map(({ id }) => otherTree(id)),
			formats: plainFormats,
			curation: { ...trainingCuration, testShare: 0.5 }
		});
		expect(Object.keys(summary!.rows)).toEqual(
			['sft', 'kto', 'dpo'].flatMap((name) =>
				['train', 'test'].map((split) => `${name}/${split}-00000-of-00001.jsonl`)
			)
		);
	});

	it('of nothing is nothing', async () => {
		const { texts, summary } = await write({ searches: () => [] });
		expect(texts.size).toBe(0);
		expect(summary).toMatchObject({ scenarios: 0, rows: {} });
	});
});

describe('rows', () => {
	it('that the check refuses are left out, with its reason', async () => {
		const target = { name: 'Strict', chatTemplate: "{{ raise_exception('no') }}" };
		const { summary, texts } = await write({ check: new SelfCheck(target) });
		expect(texts.size).toBe(0);
		expect(summary!.examples).toEqual({ sft: 0, kto: { true: 0, false: 0 }, dpo: 0 });
		expect(summary!.leftOut).toHaveLength(11);
		expect(summary!.leftOut[0]).toEqual({
			row: "sft row of scenario one, turn 2, path 'LLR', message 12",
			reason: 'the chat template refuses the conversation (no)'
		});
	});

	it('that only the template of a model that nobody chose refuses are told of and written', async () => {
		const check = new SelfCheck({ name: 'Strict', chatTemplate: "{{ raise_exception('no') }}" }, false);
		const { summary } = await write({ check });
		expect(summary!.leftOut).toEqual([]);
		expect(check.report()).toMatchObject({
			target: 'Strict',
			refused: 0,
			findings: [{ severity: 'warning', reason: 'the chat template refuses the conversation', examples: 11 }]
		});
	});

	it('are looked at in their files, though nothing is written', async () => {
		const check = new SelfCheck();
		const { summary, texts } = await write({ check, sink: undefined as never });
		expect(texts.size).toBe(0);
		expect(check.report().columns.map(({ path }) => path)).toEqual(Object.keys(summary!.rows));
	});

	it('of a conversation that a person rated bad are left out unless they are wanted', async () => {
		const ratings = new Map([['two', 'bad' as const]]);
		const searches = () => [otherTree('one'), otherTree('two')];
		const { summary } = await write({ searches, ratings });
		expect(summary).toMatchObject({ scenarios: 2, skipped: { rating: 1 }, examples: { sft: 1 } });
		const any = await write({ searches, ratings, curation: { ...plainCuration, rating: 'any' } });
		expect(any.summary).toMatchObject({ skipped: { rating: 0 }, examples: { sft: 2 } });
	});
});

describe('a job that ends early', () => {
	it.each(['reading', 'arranging', 'writing'] as const)('%s leaves no scratch file behind', async (step) => {
		const stop = new AbortController();
		const { error, disposed } = await write({
			searches: () => [otherTree('one'), otherTree('two')],
			formats: plainFormats,
			signal: stop.signal,
			onProgress: (progress) => {
				if (progress.step === step) stop.abort();
			}
		});
		expect(error).toMatchObject({ name: 'AbortError' });
		expect(disposed).toBe(1);
	});

	it('lets go of the file that could not be written', async () => {
		const sink = new MemorySink();
		let aborted = 0;
		const { error } = await write({
			sink: {
				open: async (path, type) => ({
					...(await sink.open(path, type)),
					write: () => Promise.reject(new Error('the disk is full')),
					abort: async () => void aborted++
				})
			}
		});
		expect(error?.message).toBe('the disk is full');
		expect(aborted).toBe(1);
		expect(sink.files).toEqual([]);
	});
});

describe('answers that the model to train cannot tell apart', () => {
	/** R says what L says, with a blank behind it; LR calls with a blank in its words. */
	const tree = grow(
		'one',
		script(
			{
				L: ['Which area?'],
				R: ['Which area? '],
				LL: [searchNorth, 'The Amber Inn is free.'],
				LLL: [bookTwo, 'Booked.'],
				LLR: ['How many nights?']
			},
			{ '': 'I need a hotel.', L: 'In the north.', R: 'In the north.', LL: 'Book two nights.' }
		)
	);
	const labels = ({ texts }: Awaited<ReturnType<typeof write>>) =>
		rows(texts.get('kto/train-00000-of-00001.jsonl')).map(
			(row) => (row as unknown as { completion: [{ content: string }] }).completion[0].content
		);

	it.each(['first', 'good', 'leave out'] as const)(
		'are no pair, and only the good one stays (contradictions: %s)',
		async (contradictions) => {
			const curation = { ...plainCuration, contradictions };
			const written = (chatTemplate?: string) =>
				write({
					searches: () => [tree],
					curation,
					...(chatTemplate && { check: new SelfCheck({ name: 'm', chatTemplate }) })
				});
			for (const apart of [await written(), await written(sound)]) {
				expect(labels(apart)).toEqual(expect.arrayContaining(['Which area?', 'Which area? ']));
				expect(apart.texts.get('dpo/train-00000-of-00001.jsonl')).toContain('Which area? ');
				expect(apart.summary!.leftOut.map(({ reason }) => reason)).not.toContain(sameForTarget.kto);
			}
			const alike = await written(trimming);
			expect(labels(alike)).toContain('Which area?');
			expect(labels(alike)).not.toContain('Which area? ');
			for (const [path, text] of alike.texts)
				if (/\/(?!dataset_info)/.test(path)) expect(text).not.toContain('Which area? ');
			const reasons = alike.summary!.leftOut.map(({ reason }) => reason);
			expect(reasons).toEqual(expect.arrayContaining([sameForTarget.pair, sameForTarget.kto]));
		}
	);

	it('are repetitions and contradictions over scenarios, too', async () => {
		const of = (says: string) =>
			grow(
				'two',
				script({ L: [searchNorth, 'Ok.'], R: [says], LL: [bookTwo, 'Booked.'] }, { '': 'I need a hotel.' })
			);
		const { summary } = await write({
			searches: () => [tree, of('Which area?  ')],
			curation: plainCuration,
			check: new SelfCheck({ name: 'm', chatTemplate: trimming })
		});
		expect(summary!.leftOut.map(({ row, reason }) => [row, reason])).toContainEqual([
			expect.stringContaining('kto row of scenario two'),
			expect.stringContaining('has the other label in the kto row of scenario one')
		]);
	});
});
