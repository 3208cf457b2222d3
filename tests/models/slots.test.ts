import { expect, it } from 'vitest';
import {
	ModelFaultError,
	ModelLoadError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel
} from '../../src/models/language-model.ts';
import { unlessAborted } from '../../src/base/abort.ts';
import { ModelPool } from '../../src/models/pool.ts';
import { Slots } from '../../src/models/slots.ts';
import { answerTo, generation, identity, request } from './fake-model.ts';

const bad = 'breaks the engine';
const silent = 'is never answered';

/** Answers several requests at once; one that asks for it takes all others down with it, as llama.cpp's exceptions do. */
class SharedEngine implements LanguageModel {
	readonly identity = identity;
	disposed = false;
	most = 0;
	#running = 0;
	readonly #end = new AbortController();

	async generate(asked: GenerateRequest, { signal }: GenerateOptions = {}): Promise<Generation> {
		if (this.#end.signal.aborted) throw new ModelFaultError('The engine has ended.');
		this.most = Math.max(this.most, ++this.#running);
		try {
			await unlessAborted(this.#think(asked), signal);
			return generation(answerTo(asked));
		} finally {
			this.#running--;
		}
	}

	async dispose(): Promise<void> {
		this.disposed = true;
		this.#end.abort();
	}

	#think(asked: GenerateRequest): Promise<void> {
		const text = asked.messages.at(-1)?.content;
		return new Promise((resolve, reject) => {
			this.#end.signal.addEventListener('abort', () => reject(new ModelFaultError('The engine has ended.')));
			if (text === silent) return;
			setTimeout(() => (text === bad ? this.#end.abort() : resolve()), text === bad ? 2 : 5);
		});
	}
}

function engines() {
	const started: SharedEngine[] = [];
	const start = async () => {
		const engine = new SharedEngine();
		started.push(engine);
		return engine;
	};
	return { started, start };
}

const poolOf = (start: () => Promise<LanguageModel>, count: number, stallTimeout?: number) => {
	const slots = new Slots(start, count);
	return ModelPool.start({
		spawn: () => slots.spawn(),
		size: count,
		...(stallTimeout !== undefined && { stallTimeout })
	});
};

const texts = (many: readonly Generation[]) => many.map(({ text }) => text);
const questions = Array.from({ length: 9 }, (_, n) => request(`question ${n}`, n));

it('has one engine answer as many requests at once as it has slots, and no more', async () => {
	const { started, start } = engines();
	const pool = await poolOf(start, 3);
	const answers = await Promise.all(questions.map((question) => pool.generate(question)));
	expect(texts(answers)).toEqual(questions.map(answerTo));
	expect(started.map(({ most }) => most)).toEqual([3]);
	await pool.dispose();
	expect(started[0]!.disposed).toBe(true);
});

it('keeps the engine until its last place is given back', async () => {
	const { started, start } = engines();
	const slots = new Slots(start, 2);
	const [one, other] = [await slots.spawn(), await slots.spawn()];
	await one.dispose();
	await one.dispose();
	expect(started[0]!.disposed).toBe(false);
	expect((await other.generate(request('go on'))).text).toBe('go on #1');
	await expect(one.generate(request('late'))).rejects.toMatchObject({ name: 'AbortError' });
	await other.dispose();
	await expect.poll(() => started[0]!.disposed).toBe(true);
	const next = await slots.spawn();
	expect((await next.generate(request('again'))).text).toBe('again #1');
	expect(started).toHaveLength(2);
});

it('gives up the request that breaks engines, and none of those beside it', async () => {
	const { started, start } = engines();
	const pool = await poolOf(start, 3);
	const [broken, ...others] = await Promise.allSettled(
		[request(bad), ...questions].map((question) => pool.generate(question))
	);
	expect(broken).toMatchObject({ status: 'rejected', reason: { name: 'ModelFaultError' } });
	expect(others.map((other) => other.status === 'fulfilled' && other.value.text)).toEqual(
		questions.map(answerTo)
	);
	expect(started.length).toBeGreaterThan(1);
	expect(started.slice(0, -1).every(({ disposed }) => disposed)).toBe(true);
	await pool.dispose();
});

it('ends an engine that has fallen silent, and answers the others on a new one', async () => {
	const { started, start } = engines();
	const pool = await poolOf(start, 2, 40);
	const [hung, other] = await Promise.allSettled([
		pool.generate(request(silent)),
		pool.generate(request('hello'))
	]);
	expect(hung).toMatchObject({ reason: { message: expect.stringContaining('no sign of life') } });
	expect(other).toMatchObject({ value: { text: 'hello #1' } });
	expect(started[0]!.disposed).toBe(true);
	await pool.dispose();
	await expect.poll(() => started.every(({ disposed }) => disposed)).toBe(true);
});

it('aborts one request and leaves the one beside it alone', async () => {
	const { started, start } = engines();
	const pool = await poolOf(start, 2);
	const controller = new AbortController();
	const aborted = pool.generate(request(silent), { signal: controller.signal });
	const other = pool.generate(request('hello'));
	controller.abort();
	await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
	expect((await other).text).toBe('hello #1');
	expect((await pool.generate(request('next'))).text).toBe('next #1');
	expect(started).toHaveLength(1);
	await pool.dispose();
});

it('starts no engine again for requests that end with the pool', async () => {
	const { started, start } = engines();
	const pool = await poolOf(start, 2);
	const running = [pool.generate(request(silent)), pool.generate(request(silent))];
	await new Promise((resolve) => setTimeout(resolve, 5));
	await pool.dispose();
	for (const one of running) await expect(one).rejects.toMatchObject({ name: 'AbortError' });
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(started.map(({ disposed }) => disposed)).toEqual([true]);
});

it('says why an engine cannot be loaded, and tries again when it is asked again', async () => {
	const { start } = engines();
	let tries = 0;
	const slots = new Slots(async () => {
		if (++tries === 1) throw new ModelLoadError('No such model.');
		return start();
	}, 2);
	await expect(slots.spawn()).rejects.toThrow('No such model.');
	expect((await (await slots.spawn()).generate(request('hello'))).text).toBe('hello #1');
});

it('rejects when an engine that failed cannot be loaded again', async () => {
	const { started, start } = engines();
	const pool = await poolOf(async () => {
		if (started.length > 0) throw new ModelLoadError('It was deleted.');
		return start();
	}, 2);
	await expect(pool.generate(request(bad))).rejects.toThrow('It was deleted.');
	await expect(pool.generate(request('hello'))).rejects.toThrow('It was deleted.');
	await pool.dispose();
});
