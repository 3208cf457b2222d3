import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ModelFaultError, plainSampling, type GenerateRequest } from '../../../src/models/language-model.ts';
import { ModelPool } from '../../../src/models/pool.ts';
import { RemoteModel } from '../../../src/models/remote-model.ts';
import { Slots } from '../../../src/models/slots.ts';
import { spawnInWorkers } from '../../../src/models/spawn-model.ts';
import { PrivateFileModels } from '../../../src/models/wllama/private-file-models.ts';
import type { WllamaSettings, WllamaSource } from '../../../src/models/wllama/settings.ts';
import { WllamaModel } from '../../../src/models/wllama/wllama-model.ts';
import { tinyAdapter, tinyGguf, tinyGgufParts } from '../fixtures/tiny-gguf.ts';

// What users bring: split models, adapters, and engines with several slots.

const open: { dispose(): Promise<void> }[] = [];
const keep = <T extends { dispose(): Promise<void> }>(model: T): T => {
	open.push(model);
	return model;
};
afterEach(async () => {
	await Promise.all(open.splice(0).map((model) => model.dispose()));
});

const createWorker = () =>
	new Worker(new URL('../../../workers/engine.worker.ts', import.meta.url), { type: 'module' });

const source = (more: Partial<WllamaSource> = {}, settings: Partial<WllamaSettings> = {}): WllamaSource => ({
	model: [new Blob([tinyGguf()])],
	settings: { tools: 'compact', ...settings },
	...more
});
const load = async (from: WllamaSource) => keep(await WllamaModel.load(from));

/** To compare with: the whole model, in one slot. */
let plain: WllamaModel;
beforeAll(async () => {
	plain = await WllamaModel.load(source());
});
afterAll(() => plain.dispose());

function ask(text: string, seed: number, maxTokens = 40): GenerateRequest {
	return {
		messages: [
			{ role: 'system', content: 'You help people to plan their trips. '.repeat(4) },
			{ role: 'user', content: text }
		],
		tools: [],
		sampling: { ...plainSampling, maxTokens },
		seed
	};
}

/** Lets no reply end by itself. */
const endless = { constraint: { grammar: 'root ::= [a-z] root' } };

const questions = Array.from({ length: 12 }, (_, n) => ask(`Question ${n % 5}: ${'why '.repeat(n)}`, n));

describe('a hash that is known', () => {
	it('is not made again', async () => {
		expect((await load(source({ hash: 'known' }))).identity.hash).toBe('known');
	});
});

describe('a split model', () => {
	it('gives the same text as the whole one', async () => {
		const split = await load(source({ model: tinyGgufParts(3).map((bytes) => new Blob([bytes])) }));
		for (const question of questions.slice(0, 3))
			expect((await split.generate(question)).text).toBe((await plain.generate(question)).text);
	});

	it('is loaded from where it is kept, in a worker', async () => {
		const kept = new PrivateFileModels();
		const files = tinyGgufParts(2).map((bytes, i) => new File([bytes], `tiny-0000${i + 1}-of-00002.gguf`));
		const { id } = await kept.keep(files.reverse());
		afterAll(() => kept.delete(id));
		const spawn = spawnInWorkers({ app: new URL(location.href), kept, workers: { wllama: createWorker } });
		const model = keep(await spawn({ engine: 'wllama', model: id, settings: { tools: 'compact' } }));
		expect(model.identity.hash).toBe(id);
		expect((await model.generate(questions[0]!)).text).toBe((await plain.generate(questions[0]!)).text);
		await kept.delete(id);
		await expect(
			spawn({ engine: 'wllama', model: id, settings: { tools: 'compact' } })
		).rejects.toMatchObject({
			name: 'ModelLoadError'
		});
	});
});

describe('an adapter', () => {
	const adapted = (scale: number, bytes = tinyAdapter()) =>
		source({ adapter: { file: new Blob([bytes]), hash: 'adapter', scale } });

	it('changes what the model says, as far as its scale says', async () => {
		const [without, off, half, on] = [
			plain,
			await load(adapted(0)),
			await load(adapted(0.5)),
			await load(adapted(1))
		];
		const [question] = questions as [GenerateRequest];
		const text = async (model: WllamaModel) => (await model.generate(question)).text;
		const texts = [await text(without), await text(off), await text(half), await text(on)];
		expect(texts[1]).toBe(texts[0]);
		expect(new Set(texts).size).toBe(3);
		expect(await text(on)).toBe(texts[3]);
	});

	it('is part of what the model is', async () => {
		const { settings, hash } = (await load(adapted(0.5))).identity;
		expect(settings).toMatchObject({ adapter: { hash: 'adapter', scale: 0.5 } });
		expect(hash).toBe(plain.identity.hash);
	});

	it.each([
		[
			'of another architecture',
			tinyAdapter({ 'general.architecture': { string: 'qwen2' } }),
			/made for models of the architecture qwen2, and this one is llama/
		],
		['that is a model', tinyGguf(), /not a LoRA adapter/],
		['that is no GGUF', new Uint8Array(100), /not a GGUF/]
	])('is refused if it is one %s', async (_, bytes, message) => {
		await expect(load(adapted(1, bytes))).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});

	it('is refused on a model in several files, with what to do', async () => {
		const model = tinyGgufParts(2).map((bytes) => new Blob([bytes]));
		await expect(load({ ...adapted(1), model })).rejects.toThrow(/llama-gguf-split --merge/);
	});
});

describe('slots', () => {
	it('answer at once what one after another answers, in the same words', async () => {
		const [one, three] = [plain, await load(source({}, { slots: 3 }))];
		const together = await Promise.all(questions.map((question) => three.generate(question)));
		for (const [n, question] of questions.entries()) {
			expect(together[n]!.text).toBe((await one.generate(question)).text);
			expect((await three.generate(question)).text).toBe(together[n]!.text);
		}
		expect(three.identity.settings).toMatchObject({ slots: 3 });
		expect(one.identity.settings).not.toHaveProperty('slots');
	});

	it('write side by side; a third request of two waits', async () => {
		const model = await load(source({}, { slots: 2 }));
		const written: string[] = [];
		const ended: string[] = [];
		const run = (name: string, tokens: number) =>
			model
				.generate({ ...ask(name, 1, tokens), ...endless }, { onText: () => written.push(name) })
				.then(() => ended.push(name));
		await Promise.all([run('long', 120), run('short', 40), run('third', 5)]);
		expect(ended).toEqual(['short', 'third', 'long']);
		const first = (name: string) => written.indexOf(name);
		const last = (name: string) => written.lastIndexOf(name);
		expect(first('short')).toBeLessThan(last('long'));
		expect(first('long')).toBeLessThan(last('short'));
		expect(first('third')).toBeGreaterThan(last('short'));
	});

	it('have the whole context each', async () => {
		const model = await load(source({}, { slots: 2, contextTokens: 512 }));
		expect(model.identity.contextTokens).toBe(512);
		const sized = (tokens: number) => ask('a'.repeat(tokens), 1, 10);
		const { promptTokens } = (await model.generate(sized(1))).usage;
		const full = () => model.generate({ ...sized(500 - promptTokens), ...endless });
		const answers = await Promise.all([full(), full()]);
		for (const { usage } of answers) expect(usage.promptTokens).toBeGreaterThan(450);
		await expect(model.generate(sized(600))).rejects.toMatchObject({ name: 'ContextOverflowError' });
	});

	it('are free again after an abort, which the one beside does not notice', async () => {
		const model = keep(await RemoteModel.start(createWorker, source({}, { slots: 2 })));
		const beside = { ...ask('beside', 7, 150), ...endless };
		const alone = (await model.generate(beside)).text;
		for (let n = 0; n < 4; n++) {
			const controller = new AbortController();
			const aborted = model.generate(
				{ ...ask('aborted', n, 1500), ...endless },
				{ signal: controller.signal, onText: () => controller.abort() }
			);
			const [ended, other] = await Promise.allSettled([aborted, model.generate(beside)]);
			expect(ended).toMatchObject({ reason: { name: 'AbortError' } });
			expect(other).toMatchObject({ value: { text: alone } });
		}
	});

	it('wait for each other when the engine starts afresh', async () => {
		const [small, large] = [
			await load(source({ savedPromptBytes: 1 }, { slots: 2 })),
			await load(source({}, { slots: 2 }))
		];
		const other = (n: number) => ({
			...ask('', n),
			messages: [{ role: 'user' as const, content: `${n}`.repeat(80) }]
		});
		const requests = Array.from({ length: 8 }, (_, n) => other(n));
		const texts = async (model: WllamaModel) =>
			(await Promise.all(requests.map((one) => model.generate(one)))).map(({ text }) => text);
		expect(await texts(small)).toEqual(await texts(large));
		expect(large.memory).toBeGreaterThan(small.memory);
	});
});

describe('slots behind a pool', () => {
	const poolOf = async (from: WllamaSource, count: number) => {
		let engines = 0;
		const workers: Worker[] = [];
		const worker = () => {
			const made = createWorker();
			workers.push(made);
			return made;
		};
		const slots = new Slots(() => (engines++, RemoteModel.start(worker, from)), count);
		const pool = keep(await ModelPool.start({ spawn: () => slots.spawn(), size: count }));
		return { pool, engines: () => engines, workers };
	};

	it('give the same texts as one engine', async () => {
		const { pool, engines } = await poolOf(source({}, { slots: 3 }), 3);
		const many = await Promise.all(questions.map((question) => pool.generate(question)));
		for (const [n, question] of questions.entries())
			expect(many[n]!.text).toBe((await plain.generate(question)).text);
		expect(pool.statistics).toMatchObject({ workers: 3, answered: 12, faults: 0 });
		expect(engines()).toBe(1);
	});

	it('survive an exception in llama.cpp, which rejects only the request that causes it', async () => {
		const { pool, engines } = await poolOf(source({}, { slots: 2 }), 2);
		const [bad, ...good] = await Promise.allSettled([
			pool.generate({ ...ask('Hello', 1), constraint: { grammar: 'root ::= (' } }),
			...questions.slice(0, 4).map((question) => pool.generate(question))
		]);
		expect(bad).toMatchObject({
			reason: { name: ModelFaultError.name, message: expect.stringMatching(/grammar/) }
		});
		for (const [n, answer] of good.entries())
			expect(answer).toMatchObject({ value: { text: (await plain.generate(questions[n]!)).text } });
		expect(engines()).toBeGreaterThan(1);
	});

	it('go on with a new engine when the worker dies', async () => {
		const { pool, workers } = await poolOf(source({}, { slots: 2 }), 2);
		const answers = Promise.all(questions.map((question) => pool.generate(question)));
		workers[0]!.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' }));
		for (const [n, { text }] of (await answers).entries())
			expect(text).toBe((await plain.generate(questions[n]!)).text);
		expect(workers).toHaveLength(2);
	});
});

describe('the graphics device', () => {
	it('is refused in words where there is none that will do', async () => {
		await expect(load(source({}, { device: 'gpu', slots: 2 }))).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(/WebGPU|shader-f16/)
		});
	});
});
