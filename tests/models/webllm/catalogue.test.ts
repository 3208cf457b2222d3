import { afterEach, describe, expect, it, vi } from 'vitest';
import { Catalogue, deviceSupport, storageUsed } from '../../../src/models/webllm/catalogue.ts';
import { openLibrary } from '../../../src/models/webllm/library.ts';
import {
	canSwitchThinking,
	customRecord,
	folderOf,
	recordOf
} from '../../../src/models/webllm/model-record.ts';
import { fakeLibrary, record } from './fake-engine.ts';

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('Catalogue', () => {
	it('shows models as plain data, without those that cannot talk', () => {
		const embedding = { ...record, model_id: 'snowflake', model_type: 1 };
		const f16 = { ...record, model_id: 'Tiny-1B-q4f16_1-MLC', low_resource_required: true };
		const { library } = fakeLibrary({}, [record, embedding, f16]);
		const { entries } = new Catalogue(library);
		expect(entries).toEqual([
			{
				id: 'Tiny-1B-q4f32_1-MLC',
				memoryBytes: 100e6,
				lowResource: false,
				shaderF16: false,
				contextTokens: 400
			},
			{
				id: 'Tiny-1B-q4f16_1-MLC',
				memoryBytes: 100e6,
				lowResource: true,
				shaderF16: true,
				contextTokens: 400
			}
		]);
		expect(structuredClone(entries)).toEqual(entries);
	});

	it('knows what is cached, and deletes it', async () => {
		const { library, cached } = fakeLibrary();
		const catalogue = new Catalogue(library);
		expect(await catalogue.isCached(record.model_id)).toBe(false);
		cached.add(record.model_id);
		expect(await catalogue.isCached(record.model_id)).toBe(true);
		await catalogue.delete(record.model_id);
		expect(await catalogue.isCached(record.model_id)).toBe(false);
	});

	it('adds up a download from its manifest, the cached one first', async () => {
		const manifest = JSON.stringify({ records: [{ nbytes: 10 }, { nbytes: 32 }] });
		const fetched = vi.fn(async (_: string) => new Response(manifest));
		vi.stubGlobal('fetch', fetched);
		const catalogue = new Catalogue(fakeLibrary().library);
		expect(await catalogue.downloadBytes(record.model_id)).toBe(42);
		expect(fetched).toHaveBeenCalledWith(`${record.model}/resolve/main/tensor-cache.json`);
		const match = async () => new Response('{"records": [{"nbytes": 7}]}');
		vi.stubGlobal('caches', { open: async () => ({ match }) });
		expect(await catalogue.downloadBytes(record.model_id)).toBe(7);
	});

	it('does not guess where there is no manifest', async () => {
		const catalogue = new Catalogue(fakeLibrary().library);
		for (const answer of [
			() => Promise.reject(new TypeError('Failed to fetch')),
			async () => new Response('', { status: 404 }),
			async () => new Response('<html>'),
			async () => new Response('{"records": [{}]}')
		]) {
			vi.stubGlobal('fetch', answer);
			expect(await catalogue.downloadBytes(record.model_id)).toBeUndefined();
		}
	});
});

describe("web-llm's own list", () => {
	it('has what the catalogue reads from it', async () => {
		const { models } = await openLibrary();
		const { entries } = new Catalogue({ ...fakeLibrary().library, models });
		expect(entries.length).toBeGreaterThan(100);
		expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
		for (const { id, memoryBytes, shaderF16 } of entries) {
			expect([id, memoryBytes! > 1e8, shaderF16]).toEqual([id, true, /f16/.test(id)]);
		}
		expect(entries.some(({ id }) => id.startsWith('snowflake'))).toBe(false);
	});

	it('has a switch for thinking in the models that take it', async () => {
		const { models } = await openLibrary();
		const switched = models.filter(canSwitchThinking).map(({ model_id }) => model_id);
		expect(switched).toContain('Qwen3-0.6B-q4f16_1-MLC');
		expect(switched.every((id) => id.startsWith('Qwen3'))).toBe(true);
	});
});

describe('recordOf', () => {
	it('asks the device for 16-bit floats where the list forgets to', () => {
		const f16 = { ...record, model_id: 'Tiny-1B-q4f16_1-MLC' };
		expect(recordOf(f16.model_id, [f16]).required_features).toEqual(['shader-f16']);
		expect(recordOf(record.model_id, [record])).toBe(record);
	});

	it.each(['nothing', 'snowflake'])('refuses %s', (id) => {
		const embedding = { ...record, model_id: 'snowflake', model_type: 1 };
		expect(() => recordOf(id, [embedding])).toThrow(expect.objectContaining({ name: 'ModelLoadError' }));
	});
});

describe('customRecord', () => {
	const address = 'https://huggingface.co/someone/My-Model-q4f16_1-MLC';
	const library = 'https://example.org/My-Model-q4f16_1-webgpu.wasm';

	it('names the model by its folder', () => {
		expect(customRecord({ address, library })).toEqual({
			model: address,
			model_id: 'My-Model-q4f16_1-MLC',
			model_lib: library,
			required_features: ['shader-f16']
		});
		expect(customRecord({ address: `${address}/resolve/v2/`, library }).model_id).toBe(
			'My-Model-q4f16_1-MLC'
		);
		expect(
			customRecord({
				address: 'http://localhost:8000/m-q4f32_1',
				library: 'http://localhost:8000/l-q4f32_1.wasm'
			})
		).toEqual({
			model: 'http://localhost:8000/m-q4f32_1',
			model_id: 'm-q4f32_1',
			model_lib: 'http://localhost:8000/l-q4f32_1.wasm'
		});
	});

	it.each([
		['models/mine', library, /whole one/],
		['http://example.org/model', library, /https/],
		['file:///home/me/model', library, /https/],
		['https://me:secret@example.org/model', library, /password/],
		[`${address}?download=true`, library, /\?/],
		['https://example.org/model.gguf', library, /folder/],
		[address, 'https://example.org/library.js', /\.wasm/],
		[address, '', /address of the library/]
	])('refuses %s with %s', (model, lib, reason) => {
		expect(() => customRecord({ address: model, library: lib })).toThrow(
			expect.objectContaining({ name: 'ModelLoadError', message: expect.stringMatching(reason) })
		);
	});

	it('finds the folder as web-llm does', () => {
		expect(folderOf({ model: address })).toBe(`${address}/resolve/main/`);
		expect(folderOf({ model: `${address}/` })).toBe(`${address}/resolve/main/`);
		expect(folderOf({ model: `${address}/resolve/v2` })).toBe(`${address}/resolve/v2/`);
	});
});

describe('what the browser offers', () => {
	it('is told of the graphics device', async () => {
		vi.stubGlobal('navigator', {});
		expect(await deviceSupport()).toEqual({ webGpu: false, shaderF16: false, maxBufferBytes: 0 });
		vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
		expect(await deviceSupport()).toMatchObject({ webGpu: false });
		const adapter = { features: new Set(['shader-f16']), limits: { maxStorageBufferBindingSize: 5 } };
		vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
		expect(await deviceSupport()).toEqual({ webGpu: true, shaderF16: true, maxBufferBytes: 5 });
	});

	it('is told of storage', async () => {
		vi.stubGlobal('navigator', { storage: { estimate: async () => ({ usage: 1, quota: 2 }) } });
		expect(await storageUsed()).toEqual({ used: 1, quota: 2 });
	});
});
