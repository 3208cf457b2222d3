import { expose, wrap } from 'comlink';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RemoteModel, type EngineWorker } from '../../../src/models/remote-model.ts';
import { WebLlmHost, type CatalogueService } from '../../../src/models/webllm/host.ts';
import type { WebLlmSource } from '../../../src/models/webllm/settings.ts';

const open: MessagePort[] = [];
beforeEach(() => {
	vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')));
});
afterEach(() => {
	for (const port of open.splice(0)) port.close();
	vi.unstubAllGlobals();
});

function worker(): MessagePort & EngineWorker {
	const { port1, port2 } = new MessageChannel();
	open.push(port1, port2);
	expose(new WebLlmHost(), port2);
	return Object.assign(port1, { terminate: () => port1.close() });
}

it('shows the real catalogue from inside its worker', async () => {
	const catalogue = wrap<CatalogueService>(worker());
	const entries = await catalogue.entries();
	expect(entries).toContainEqual({
		id: 'Llama-3.2-1B-Instruct-q4f32_1-MLC',
		memoryBytes: expect.any(Number),
		lowResource: true,
		shaderF16: false,
		contextTokens: 4096
	});
	expect(await catalogue.downloadBytes(entries[0]!.id)).toBeUndefined();
	const custom = { address: 'somewhere', library: 'https://example.org/l.wasm' };
	await expect(catalogue.entry(custom)).rejects.toMatchObject({ name: 'ModelLoadError' });
});

it('fails to load with the reason, where nothing can be fetched', async () => {
	const source: WebLlmSource = { model: 'Llama-3.2-1B-Instruct-q4f32_1-MLC', settings: { tools: 'schema' } };
	await expect(RemoteModel.start(worker, source)).rejects.toMatchObject({ name: 'ModelLoadError' });
});
