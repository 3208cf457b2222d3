import { expose } from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineHost } from '../../src/models/engine-host.ts';
import {
	ContextOverflowError,
	ModelFaultError,
	ModelLoadError,
	type LanguageModel,
	type LoadOptions,
	type LoadProgress
} from '../../src/models/language-model.ts';
import { RemoteModel, type EngineWorker } from '../../src/models/remote-model.ts';
import { FakeModel, deferred, generation, identity, request } from './fake-model.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const open: MessagePort[] = [];
afterEach(() => {
	for (const port of open.splice(0)) port.close();
});

/** What stands in for a worker: a channel with an `EngineHost` at its far end. */
function fakeWorker(
	load: (source: string, options: LoadOptions) => Promise<LanguageModel>
): EngineWorker & EventTarget {
	const { port1, port2 } = new MessageChannel();
	open.push(port1, port2);
	expose(new EngineHost(load), port2);
	return Object.assign(port1, { terminate: () => port1.close() });
}

const start = (model: LanguageModel) => RemoteModel.start(() => fakeWorker(async () => model), 'source');

describe('RemoteModel', () => {
	it('loads from its source and answers', async () => {
		const load = vi.fn(async (_: string, _options: LoadOptions) => new FakeModel());
		const remote = await RemoteModel.start(() => fakeWorker(load), 'tiny.gguf');
		expect(load).toHaveBeenCalledWith('tiny.gguf', {});
		expect(remote.identity).toEqual(identity);
		expect(await remote.generate(request('a', 4))).toEqual(generation('a #4'));
	});

	it('tells how far loading has come', async () => {
		const reports: LoadProgress[] = [];
		const worker = fakeWorker(async (_, { onProgress }) => {
			onProgress?.({ phase: 'download', fraction: 0.5 });
			await pause(20);
			onProgress?.({ phase: 'load', fraction: 1 });
			await pause(20);
			return new FakeModel();
		});
		await RemoteModel.start(() => worker, 'source', { onProgress: (progress) => reports.push(progress) });
		expect(reports).toEqual([
			{ phase: 'download', fraction: 0.5 },
			{ phase: 'load', fraction: 1 }
		]);
	});

	it('ends the worker when loading is cancelled', async () => {
		const controller = new AbortController();
		const worker = fakeWorker((_, { onProgress }) => {
			onProgress?.({ phase: 'download', fraction: 0 });
			return new Promise(() => {});
		});
		const terminate = vi.spyOn(worker, 'terminate');
		const starting = RemoteModel.start(() => worker, 'source', {
			signal: controller.signal,
			onProgress: () => controller.abort()
		});
		await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
		expect(terminate).toHaveBeenCalledOnce();
		const createWorker = vi.fn(() => worker);
		await expect(
			RemoteModel.start(createWorker, 'source', { signal: controller.signal })
		).rejects.toMatchObject({
			name: 'AbortError'
		});
		expect(createWorker).not.toHaveBeenCalled();
	});

	it('knows how much the caches over there held at the latest answer', async () => {
		const model = new FakeModel();
		const remote = await start(model);
		expect(remote.memory).toBeUndefined();
		model.memory = 4096;
		await remote.generate(request('a'));
		expect(remote.memory).toBe(4096);
	});

	it('streams text', async () => {
		const remote = await start(
			new FakeModel(async (_, { onText }) => {
				onText?.('on');
				await pause(60);
				onText?.('one');
				await pause(20);
				return generation('one');
			})
		);
		const texts: string[] = [];
		await remote.generate(request('a'), { onText: (text) => texts.push(text) });
		expect(texts).toEqual(['on', 'one']);
	});

	it('aborts here at once and over there too', async () => {
		let aborted = false;
		const remote = await start(
			new FakeModel((_, options) => {
				options.signal?.addEventListener('abort', () => (aborted = true));
				return deferred(options).promise;
			})
		);
		const controller = new AbortController();
		const running = remote.generate(request('a'), { signal: controller.signal });
		setTimeout(() => controller.abort(), 20);
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		await vi.waitFor(() => expect(aborted).toBe(true));
		await expect(remote.generate(request('a'), { signal: controller.signal })).rejects.toMatchObject({
			name: 'AbortError'
		});
	});

	it('does not disturb an engine that writes on after an abort', async () => {
		let trouble: unknown;
		let written = false;
		const model = new FakeModel(async (_, { signal, onText }) => {
			onText?.('a');
			const late = pause(80).then(() => onText?.('ab'));
			late.then(
				() => (written = true),
				(error) => (trouble = error)
			);
			return deferred(signal ? { signal } : {}).promise;
		});
		const remote = await start(model);
		const controller = new AbortController();
		const running = remote.generate(request('a'), {
			signal: controller.signal,
			onText: () => controller.abort()
		});
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		await vi.waitFor(() => expect([written, trouble]).toEqual([true, undefined]));
	});

	it.each([ContextOverflowError, ModelFaultError, ModelLoadError])(
		'brings a %s back as what it was',
		async (Class) => {
			const remote = await start(new FakeModel(() => Promise.reject(new Class('because'))));
			const error: Error = await remote.generate(request('a')).then(
				() => expect.fail(),
				(reason) => reason
			);
			expect(error).toBeInstanceOf(Class);
			expect(error).toMatchObject({ name: Class.name, message: 'because' });
		}
	);

	it('ends the worker when the model does not load', async () => {
		const worker = fakeWorker(() => Promise.reject(new ModelLoadError('damaged')));
		const terminate = vi.spyOn(worker, 'terminate');
		await expect(RemoteModel.start(() => worker, 'source')).rejects.toThrow(ModelLoadError);
		expect(terminate).toHaveBeenCalledOnce();
	});

	it('fails when the worker does', async () => {
		const worker = fakeWorker(async () => new FakeModel(() => new Promise(() => {})));
		const remote = await RemoteModel.start(() => worker, 'source');
		const running = remote.generate(request('a'));
		worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
		await expect(running).rejects.toMatchObject({
			name: 'ModelFaultError',
			message: expect.stringContaining('out of memory')
		});
		await expect(remote.generate(request('a'))).rejects.toMatchObject({ name: 'ModelFaultError' });
	});

	it('fails to load when the worker has no script', async () => {
		const worker = fakeWorker(() => new Promise(() => {}));
		const starting = RemoteModel.start(() => worker, 'source');
		worker.dispatchEvent(new Event('error'));
		await expect(starting).rejects.toMatchObject({ name: 'ModelLoadError' });
	});

	it('ends the worker and what runs in it on disposal', async () => {
		const remote = await start(new FakeModel(() => new Promise(() => {})));
		const running = remote.generate(request('a'));
		await remote.dispose();
		await expect(running).rejects.toMatchObject({ name: 'ModelFaultError' });
	});
});
