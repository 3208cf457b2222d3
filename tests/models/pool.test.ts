import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ContextOverflowError, ModelFaultError, ModelLoadError } from '../../src/models/language-model.ts';
import { ModelPool } from '../../src/models/pool.ts';
import {
	FakeModel,
	answerTo,
	deferred,
	generation,
	identity,
	request,
	type Behaviour
} from './fake-model.ts';

/** A pool over fake models, the fakes in the order in which they were spawned. */
async function poolOf(size: number, behaviour: (index: number) => Behaviour | undefined, rest = {}) {
	const models: FakeModel[] = [];
	const pool = await ModelPool.start({
		size,
		spawn: async () => {
			const model = new FakeModel(behaviour(models.length));
			models.push(model);
			return model;
		},
		...rest
	});
	await settled();
	return { pool, models };
}

/** Longer than the pool waits for whoever got an answer. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('ModelPool', () => {
	it('runs as many requests at once as it has workers, one on each', async () => {
		const open: ReturnType<typeof deferred>[] = [];
		const { pool, models } = await poolOf(2, () => (_, options) => {
			const next = deferred(options);
			open.push(next);
			return next.promise;
		});
		const answers = ['a', 'b', 'c'].map((text) => pool.generate(request(text)));
		expect(models.map(({ requests }) => requests.length)).toEqual([1, 1]);
		expect(pool.statistics).toMatchObject({ workers: 2, busy: 2, waiting: 1 });
		open[0]!.answer('first');
		// An idle worker may wait for as long as a request took, and on a busy machine that is any time.
		await vi.waitFor(() => expect(open).toHaveLength(3));
		open[1]!.answer('second');
		open[2]!.answer('third');
		expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['first', 'second', 'third']);
		expect(pool.statistics).toMatchObject({
			busy: 0,
			answered: 3,
			promptTokens: 30,
			cachedTokens: 12,
			completionTokens: 6
		});
	});

	it('goes on with the conversation that it has just answered, if that is asked for at once', async () => {
		const order: string[] = [];
		const { pool } = await poolOf(1, () => async (asked) => {
			order.push(asked.messages.at(-1)!.content);
			return generation(answerTo(asked));
		});
		const other = pool.generate(request('somebody else'));
		const first = pool.generate(request('anna'));
		const third = pool.generate(request('another one still'));
		await first;
		await Promise.all([
			pool.generate(request('anna, and a good deal more of the same conversation')),
			other,
			third
		]);
		expect(order.indexOf('anna, and a good deal more of the same conversation')).toBe(
			order.indexOf('anna') + 1
		);
	});

	it('sends a conversation back to the worker that holds it', async () => {
		const { pool, models } = await poolOf(3, () => undefined);
		await Promise.all(['anna', 'berta', 'carla'].map((text) => pool.generate(request(text))));
		for (const text of ['carla, again', 'anna, again', 'berta, again']) await pool.generate(request(text));
		for (const model of models) {
			const [first, second] = model.requests.map(({ messages }) => messages.at(-1)!.content);
			expect(second).toBe(`${first}, again`);
		}
	});

	it('counts a reply as part of what a worker holds', async () => {
		const { pool, models } = await poolOf(2, () => undefined);
		const first = request('one');
		await Promise.all([pool.generate(first), pool.generate({ ...first, seed: 2 })]);
		const grown = (seed: number) => ({
			...first,
			messages: [...first.messages, { role: 'assistant' as const, content: answerTo({ ...first, seed }) }]
		});
		await pool.generate(grown(2));
		await pool.generate(grown(1));
		expect(models.map(({ requests }) => requests.map(({ messages }) => messages.at(-1)!.content))).toEqual([
			['one', 'one #1'],
			['one', 'one #2']
		]);
	});

	it('lets no request wait for ever', async () => {
		const { pool } = await poolOf(1, () => undefined, { patience: 5 });
		const order: string[] = [];
		const ask = (text: string) => pool.generate(request(text)).then(() => order.push(text));
		await ask('popular');
		const all = [ask('popular 0'), ask('odd')];
		for (let i = 1; i < 20; i++) all.push(ask(`popular ${i}`));
		await Promise.all(all);
		expect(order.indexOf('odd')).toBeLessThanOrEqual(7);
	});

	it('aborts a request that waits without starting it', async () => {
		const open = deferred();
		const { pool, models } = await poolOf(1, () => () => open.promise);
		const running = pool.generate(request('a'));
		const controller = new AbortController();
		const waiting = pool.generate(request('b'), { signal: controller.signal });
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
		open.answer('done');
		expect((await running).text).toBe('done');
		expect(models[0]!.requests).toHaveLength(1);
		await expect(pool.generate(request('c'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
			name: 'AbortError'
		});
	});

	it('frees the worker of an aborted request', async () => {
		const { pool, models } = await poolOf(
			1,
			() => (asked, options) =>
				asked.seed === 1 ? deferred(options).promise : Promise.resolve(generation('after'))
		);
		const controller = new AbortController();
		const running = pool.generate(request('a'), { signal: controller.signal });
		const next = pool.generate(request('b', 2));
		controller.abort();
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		expect((await next).text).toBe('after');
		expect(models).toHaveLength(1);
	});

	it('replaces a worker that fails and repeats the request with its seed', async () => {
		const { pool, models } = await poolOf(2, (index) =>
			index === 0 ? () => Promise.reject(new ModelFaultError('crash')) : undefined
		);
		expect((await pool.generate(request('a', 77))).text).toBe('a #77');
		expect(models).toHaveLength(3);
		expect(models[0]!.disposed).toBe(true);
		expect(models.map(({ requests }) => requests.map(({ seed }) => seed))).toEqual([[77], [77], []]);
		expect(pool.statistics).toMatchObject({ workers: 2, faults: 1, answered: 1 });
	});

	it('replaces a worker whose caches have grown, one at a time, and loses no request', async () => {
		let ready: (() => void) | undefined;
		const models: FakeModel[] = [];
		const pool = await ModelPool.start({
			size: 2,
			memoryLimit: 100,
			spawn: async () => {
				if (models.length >= 2) await new Promise<void>((resolve) => (ready = resolve));
				const model: FakeModel = new FakeModel(async (asked) => {
					model.memory += 60;
					return generation(answerTo(asked));
				});
				models.push(model);
				return model;
			}
		});
		await settled();
		const texts = [...'abcdefgh'];
		const answers = texts.map((text) => pool.generate(request(text)));
		// While the first is being replaced, the other goes on although it has grown as well.
		await vi.waitFor(() => expect(models.map(({ disposed }) => disposed).filter(Boolean)).toHaveLength(1));
		expect(pool.statistics).toMatchObject({ workers: 1, recycled: 1, faults: 0 });
		expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(texts.map((text) => `${text} #1`));
		ready!();
		await vi.waitFor(() => expect(pool.statistics).toMatchObject({ workers: 2, answered: 8 }));
		await pool.generate(request('i'));
		await settled();
		expect(pool.statistics.recycled).toBeLessThanOrEqual(2);
		await pool.dispose();
	});

	it('gives a request up that fails on two fresh workers, and goes on with the others', async () => {
		const bad: Behaviour = async (asked) => {
			if (answerTo(asked).startsWith('bad')) throw new ModelFaultError('crash');
			return generation(answerTo(asked));
		};
		const { pool, models } = await poolOf(1, () => bad);
		await pool.generate(request('warm up'));
		const [failed, fine] = await Promise.allSettled([
			pool.generate(request('bad')),
			pool.generate(request('good'))
		]);
		expect(failed).toMatchObject({
			status: 'rejected',
			reason: { name: 'ModelFaultError', message: 'crash' }
		});
		expect(fine).toMatchObject({ status: 'fulfilled', value: { text: 'good #1' } });
		// Once where it ran first, then on two that had done nothing else.
		expect(
			models.filter(({ requests }) => requests.some((asked) => answerTo(asked).startsWith('bad')))
		).toHaveLength(3);
	});

	it('takes errors by name, as they come from another worker', async () => {
		const { pool, models } = await poolOf(1, (index) => async (asked) => {
			if (index === 0) throw Object.assign(new Error('crash'), { name: 'ModelFaultError' });
			return generation(answerTo(asked));
		});
		await pool.generate(request('a'));
		expect(models).toHaveLength(2);
	});

	it('passes every other error on and keeps the worker', async () => {
		const { pool, models } = await poolOf(1, () => async (asked) => {
			if (asked.seed === 1) throw new ContextOverflowError('too long');
			return generation('fits');
		});
		await expect(pool.generate(request('a'))).rejects.toThrow(ContextOverflowError);
		expect((await pool.generate(request('a', 2))).text).toBe('fits');
		expect(models).toHaveLength(1);
	});

	it('replaces a worker that gives no sign of life, and only that', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
		try {
			const models: FakeModel[] = [];
			const behaviours: Behaviour[] = [
				() => new Promise(() => {}),
				async (asked, { onText }) => {
					for (let i = 0; i < 5; i++) {
						await new Promise((resolve) => setTimeout(resolve, 800));
						onText?.('…');
					}
					return generation(answerTo(asked));
				}
			];
			const pool = await ModelPool.start({
				size: 1,
				stallTimeout: 1000,
				spawn: async () => {
					const model = new FakeModel(behaviours[models.length]);
					models.push(model);
					return model;
				}
			});
			const answer = pool.generate(request('a'));
			await vi.advanceTimersByTimeAsync(6000);
			expect((await answer).text).toBe('a #1');
			expect(models).toHaveLength(2);
			expect(models[0]!.disposed).toBe(true);
		} finally {
			vi.useRealTimers();
		}
	});

	it('starts with the error of its first worker', async () => {
		const spawn = vi.fn(() => Promise.reject(new ModelLoadError('damaged')));
		await expect(ModelPool.start({ size: 4, spawn })).rejects.toThrow('damaged');
		expect(spawn).toHaveBeenCalledOnce();
	});

	it('goes on with fewer workers when some cannot be started', async () => {
		let spawned = 0;
		const pool = await ModelPool.start({
			size: 3,
			spawn: async () => {
				if (spawned++ > 0) throw new ModelLoadError('out of memory');
				return new FakeModel();
			}
		});
		await settled();
		expect(pool.statistics.workers).toBe(1);
		expect((await pool.generate(request('a'))).text).toBe('a #1');
	});

	it('says why when no worker can be started again, and recovers when one can', async () => {
		let refuse = false;
		const pool = await ModelPool.start({
			size: 1,
			spawn: async () => {
				if (refuse) throw new ModelLoadError('out of memory');
				return new FakeModel(async (asked) => {
					if (refuse) throw new ModelFaultError('crash');
					return generation(answerTo(asked));
				});
			}
		});
		refuse = true;
		const lost = await Promise.allSettled([pool.generate(request('a')), pool.generate(request('b'))]);
		for (const outcome of lost)
			expect(outcome).toMatchObject({ reason: { name: 'ModelLoadError', message: 'out of memory' } });
		refuse = false;
		expect((await pool.generate(request('c'))).text).toBe('c #1');
	});

	it('refuses a worker with other weights', async () => {
		let spawned = 0;
		const other = new FakeModel(undefined, { ...identity, hash: '1' });
		const pool = await ModelPool.start({
			size: 2,
			spawn: async () => (spawned++ === 0 ? new FakeModel() : other)
		});
		await settled();
		expect(pool.statistics.workers).toBe(1);
		expect(other.disposed).toBe(true);
	});

	it('disposes of everything', async () => {
		const { pool, models } = await poolOf(2, () => (_, options) => deferred(options).promise);
		const all = Promise.allSettled(['a', 'b', 'c'].map((text) => pool.generate(request(text))));
		await pool.dispose();
		for (const outcome of await all) expect(outcome).toMatchObject({ reason: { name: 'AbortError' } });
		expect(models.map(({ disposed }) => disposed)).toEqual([true, true]);
		await expect(pool.generate(request('d'))).rejects.toMatchObject({ name: 'AbortError' });
	});

	it('disposes of a worker that is ready too late', async () => {
		const late = new FakeModel();
		let ready: (model: FakeModel) => void = () => {};
		let spawned = 0;
		const pool = await ModelPool.start({
			size: 2,
			spawn: () =>
				spawned++ === 0 ? Promise.resolve(new FakeModel()) : new Promise((resolve) => (ready = resolve))
		});
		await pool.dispose();
		ready(late);
		await settled();
		expect(late.disposed).toBe(true);
	});

	it('gives every request its own answer, whatever the order, crashes and aborts', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.array(
					fc.record({
						text: fc.stringMatching(/^[ab]{0,4}$/),
						crashes: fc.integer({ min: 0, max: 1 }),
						abort: fc.boolean(),
						overflow: fc.boolean()
					}),
					{ maxLength: 20 }
				),
				fc.scheduler(),
				async (size, plans, scheduler) => {
					const crashesLeft = plans.map(({ crashes }) => crashes);
					const pool = await ModelPool.start({
						size,
						spawn: async () =>
							new FakeModel(async (asked, { signal }) => {
								await scheduler.schedule(Promise.resolve());
								if (signal?.aborted) throw new DOMException('aborted', 'AbortError');
								if (crashesLeft[asked.seed]!-- > 0) throw new ModelFaultError('crash');
								if (plans[asked.seed]!.overflow) throw new ContextOverflowError('too long');
								return generation(answerTo(asked));
							})
					});
					const outcomes = plans.map(async ({ text, abort }, seed) => {
						const controller = new AbortController();
						if (abort) void scheduler.schedule(Promise.resolve()).then(() => controller.abort());
						try {
							return (await pool.generate(request(text, seed), { signal: controller.signal })).text;
						} catch (error) {
							return (error as Error).name;
						}
					});
					await scheduler.waitFor(Promise.all(outcomes));
					for (const [seed, { text, abort, overflow }] of plans.entries()) {
						const own = overflow ? 'ContextOverflowError' : answerTo(request(text, seed));
						expect(abort ? ['AbortError', own] : [own]).toContain(await outcomes[seed]);
					}
					await pool.dispose();
				}
			),
			{ numRuns: 200 }
		);
	});
});
