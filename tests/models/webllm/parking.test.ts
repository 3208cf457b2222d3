import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message } from '../../../src/dialogue/message.ts';
import { plainSampling, type GenerateRequest } from '../../../src/models/language-model.ts';
import { WebLlmModel } from '../../../src/models/webllm/webllm-model.ts';
import { fakeLibrary, record, type FakeOptions } from './fake-engine.ts';

beforeEach(() => {
	vi.stubGlobal('fetch', async () => new Response('{"records": []}'));
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function start(options: FakeOptions = {}, contextTokens = 400) {
	const { library, engines } = fakeLibrary(options);
	const model = await WebLlmModel.load(
		{ model: record.model_id, settings: { tools: 'compact', parking: 'branches', contextTokens } },
		{},
		async () => library
	);
	return { model, engine: engines[0]! };
}

const system: Message = { role: 'system', content: 'Help.' };
const says = (content: string): Message => ({ role: 'user', content });
const answers = (content: string): Message => ({ role: 'assistant', content });

function ask(messages: readonly Message[], seed = 1): GenerateRequest {
	return { messages, tools: [], sampling: { ...plainSampling, maxTokens: 20 }, seed };
}

describe('branch parking', () => {
	it('is recorded with the run', async () => {
		const { model } = await start();
		expect(model.identity.settings).toMatchObject({ parking: 'branches' });
	});

	it('goes on with a branch without reading it again, after others', async () => {
		const { model } = await start();
		const root = [system, says('hi')];
		const first = await model.generate(ask(root));
		const shared = [...root, answers(first.text)];
		const whole = first.usage.promptTokens + first.text.length;
		for (const word of ['a', 'b', 'c']) {
			const { usage } = await model.generate(ask([...shared, says(word)]));
			expect(usage).toMatchObject({ cachedTokens: whole, promptTokens: whole + 'u:_|a:'.length });
		}
		const other = await model.generate(ask([system, says('quite another thing')]));
		expect(other.usage.cachedTokens).toBe(0);
		expect((await model.generate(ask([...shared, says('a')]))).usage.cachedTokens).toBe(whole);
	});

	it('gives the same text for a branch however often it is gone on with', async () => {
		const { model } = await start();
		const root = [system, says('hi')];
		const shared = [...root, answers((await model.generate(ask(root))).text)];
		const once = await model.generate(ask([...shared, says('a')], 5));
		await model.generate(ask([...shared, says('b')], 6));
		expect(await model.generate(ask([...shared, says('a')], 5))).toEqual(once);
	});

	it('reads a conversation whose last reply was cut short again', async () => {
		const { model } = await start({ write: () => ({ text: '', endless: true }) });
		const root = [system, says('hi')];
		const { text } = await model.generate(ask(root));
		const { usage } = await model.generate(ask([...root, answers(text), says('more')]));
		expect(usage.cachedTokens).toBe(0);
	});

	it('goes on with a branch after another reply was cut short', async () => {
		const write = ({ seed }: { seed: number }) =>
			seed === 9 ? { text: '', endless: true } : { text: 'yes' };
		const { model } = await start({ write });
		const root = [system, says('hi')];
		await model.generate(ask(root));
		expect((await model.generate(ask([system, says('else')], 9))).finishReason).toBe('length');
		const { usage } = await model.generate(ask([...root, answers('yes'), says('more')]));
		expect(usage.cachedTokens).toBeGreaterThan(0);
	});

	it('counts what was really computed, should the engine not go on after all', async () => {
		const { model, engine } = await start({ forgetful: true, write: () => ({ text: 'yes' }) });
		const root = [system, says('hi')];
		await model.generate(ask(root));
		const { usage } = await model.generate(ask([...root, answers('yes'), says('more')]));
		expect(usage).toMatchObject({ cachedTokens: 0, promptTokens: engine.prefilled.at(-1) });
		expect(usage.promptTokens).toBe('s:Help.|u:hi|a:yes|u:more|a:'.length);
	});

	it('keeps the eight conversations that were used last', async () => {
		const { model } = await start({ write: () => ({ text: 'yes' }) });
		const words = [...'abcdefghijkl'];
		for (const word of words) await model.generate(ask([system, says(word)]));
		const held = async (word: string) => {
			const next = [system, says(word), answers('yes'), says('x'.repeat(380))];
			// Too long to be answered, so that asking changes nothing; what is held shows in the engine's complaint.
			return model.generate(ask(next)).then(
				() => expect.fail(),
				(error: Error) =>
					Number(/tokens: (\d+)/.exec(error.message)?.[1]) < 's:Help.|u:a|a:yes|u:|a:'.length + 380
			);
		};
		const kept: string[] = [];
		for (const word of words) if (await held(word)) kept.push(word);
		expect(kept).toEqual(words.slice(-8));
	});

	it('lets the least recently used go and never runs out of room', async () => {
		// The fake's cache refuses to hold more than it was made for, and its engine to compute with a wrong length.
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.nat(40), fc.nat(3)), { minLength: 5, maxLength: 40 }),
				async (steps) => {
					const { model, engine } = await start({}, 120);
					const known: Message[][] = [[system]];
					for (const [branch, seed] of steps) {
						const messages = [...known[branch % known.length]!, says('x'.repeat(1 + (branch % 7)))];
						const generation = await model.generate(ask(messages, seed)).catch((error: Error) => error);
						if (generation instanceof Error) {
							expect(generation.name).toBe('ContextOverflowError');
							continue;
						}
						const before = generation.usage.cachedTokens;
						expect(generation.usage.promptTokens - before).toBe(engine.prefilled.at(-1));
						known.push([...messages, answers(generation.text)]);
					}
					expect(engine.pipeline()!.scopes).toBe(0);
					expect(engine.loads).toBe(1);
				}
			),
			{ numRuns: 40 }
		);
	});

	it('is set up again after the device was lost', async () => {
		const { model, engine } = await start();
		const root = [system, says('hi')];
		const { text } = await model.generate(ask(root));
		engine.loseDevice();
		const next = [...root, answers(text), says('a')];
		expect((await model.generate(ask(next))).usage.cachedTokens).toBe(0);
		expect((await model.generate(ask([...next.slice(0, 1), says('hi')]))).text).toBe(text);
		expect((await model.generate(ask(next))).usage.cachedTokens).toBeGreaterThan(0);
	});

	it.each([
		['the runtime cannot fork', { lacks: ['vm.builtin.kv_state_fork_sequence'] }],
		['the library makes no such cache', { lacks: ['create_tir_paged_kv_cache'] }],
		['a fork goes on in another way', { spoilFork: (content: string) => `${content.slice(0, -1)}?` }]
	])('is left alone where %s, and the run says so', async (_, options) => {
		const { model, engine } = await start(options);
		expect(model.identity.settings).toMatchObject({ parking: 'none' });
		expect(engine.loads).toBe(2);
		const root = [system, says('hi')];
		const { text } = await model.generate(ask(root));
		const { usage } = await model.generate(ask([...root, answers(text), says('a')]));
		expect(usage.cachedTokens).toBe(0);
	});
});
