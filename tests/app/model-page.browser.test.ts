import { beforeEach, describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { ModelLoading } from '../../src/app/models/loading.svelte.ts';
import ModelPage from '../../src/app/models/ModelPage.svelte';
import { ServerKeys } from '../../src/app/models/server-keys.ts';
import { ModelShelf } from '../../src/app/models/shelf.svelte.ts';
import type { ModelIdentity } from '../../src/models/language-model.ts';
import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../../src/models/source.ts';
import type { CatalogueService } from '../../src/models/webllm/host.ts';
import type { ModelProgress } from '../../src/run/models.ts';
import { FakeKeptModels, keptModel } from './fake-kept-models.ts';

const identity: ModelIdentity = {
	name: 'Found',
	hash: 'abc',
	engine: 'fake 1',
	settings: { tools: 'hermes', losses: ['Something is lost.'] },
	contextTokens: 1024,
	reproducible: true
};

/** Loads until it is told what came of it. */
class FakeService {
	readonly keys: [string, string | undefined][] = [];
	asked: RoleModels<ModelSource> | undefined;
	finish: (error?: Error) => void = () => undefined;
	tell: (progress: ModelProgress) => void = () => undefined;

	async useKey(address: string, key: string | undefined) {
		this.keys.push([address, key]);
	}

	load(
		sources: RoleModels<ModelSource>,
		onProgress?: (progress: ModelProgress) => void,
		signal?: AbortSignal
	) {
		this.asked = sources;
		this.tell = (progress) => onProgress?.(progress);
		signal?.addEventListener('abort', () => this.finish(new DOMException('', 'AbortError')));
		return new Promise<RoleModels<ModelIdentity>>((resolve, reject) => {
			this.finish = (error) => (error ? reject(error) : resolve({ agent: identity, user: identity }));
		});
	}
}

const entry = { lowResource: false, shaderF16: false, contextTokens: 4096 };

class FakeCatalogue implements CatalogueService {
	readonly cached = new Set(['Small-q4f32']);
	failures = 0;

	async entries() {
		if (this.failures-- > 0) throw new Error('The list cannot be had.');
		return [
			{ ...entry, id: 'Small-q4f32', lowResource: true, memoryBytes: 1_100_000_000 },
			{ ...entry, id: 'Large-q4f16', shaderF16: true }
		];
	}

	async entry(model: string | { readonly address: string }) {
		if (typeof model === 'string' || !model.address.startsWith('https://'))
			throw new Error('That is no address.');
		return { ...entry, id: 'Mine' };
	}

	async isCached(model: string | object) {
		return typeof model === 'string' && this.cached.has(model);
	}

	async downloadBytes() {
		return 309_000_000;
	}

	async delete(model: string | object) {
		if (typeof model === 'string') this.cached.delete(model);
	}

	async device() {
		return { webGpu: true, shaderF16: false, maxBufferBytes: 1 };
	}

	async storage() {
		return { used: 1_000_000, quota: 2_000_000 };
	}
}

async function open({
	kept = new FakeKeptModels(),
	catalogue = undefined as FakeCatalogue | undefined
} = {}) {
	const service = new FakeService();
	const shelf = new ModelShelf(kept, catalogue && (() => catalogue));
	const screen = await render(ModelPage, {
		shelf,
		loading: new ModelLoading(service),
		keys: new ServerKeys(service),
		runs: [],
		canUseGpu: false
	});
	return { screen, shelf, service };
}

type Screen = Awaited<ReturnType<typeof open>>['screen'];

const use = (screen: Screen, name: string, what: string) =>
	screen
		.getByRole('group', { name: `Use ${name}`, exact: true })
		.getByRole('button', { name: what })
		.click();

beforeEach(() => localStorage.clear());

describe('a choice', () => {
	test('of one model for each role is shown, and there again after a reload', async () => {
		const { screen, shelf } = await open();
		await use(screen, 'Embedded model, trained', 'as agent');
		expect(shelf.chosen).toEqual({
			agent: { engine: 'shipped', model: 'embedded-josh' },
			user: { engine: 'shipped', model: 'embedded' }
		});
		const pressed = screen.getByRole('group', { name: 'Use Embedded model, trained' });
		await expect
			.element(pressed.getByRole('button', { name: 'as agent' }))
			.toHaveAttribute('aria-pressed', 'true');
		await expect
			.element(pressed.getByRole('button', { name: 'Use for both' }))
			.toHaveAttribute('aria-pressed', 'false');
		expect(new ModelShelf(new FakeKeptModels()).chosen).toEqual(shelf.chosen);
	});

	test.each(['', '{', '{"agent":{"engine":"magic"},"user":{}}'])(
		'that cannot be read (%s) is the embedded model',
		(text) => {
			localStorage.setItem('joshtree.models', text);
			expect(new ModelShelf(new FakeKeptModels()).chosen).toEqual(embeddedInBothRoles);
		}
	);

	test('that needs others is not taken over to the page that reaches nobody', () => {
		const server: ModelSource = { engine: 'server', address: 'http://localhost:1/v1', model: 'm' };
		localStorage.setItem('joshtree.models', JSON.stringify({ agent: server, user: server }));
		expect(new ModelShelf(new FakeKeptModels()).chosen).toEqual(embeddedInBothRoles);
		expect(new ModelShelf(new FakeKeptModels(), () => new FakeCatalogue()).chosen.agent).toEqual(server);
	});
});

describe('loading', () => {
	test('shows how far it is and what the models turned out to be', async () => {
		const { screen, service } = await open();
		await screen.getByRole('button', { name: 'Load now' }).click();
		service.tell({ role: 'agent', phase: 'download', fraction: 0.42 });
		await expect.element(screen.getByText("Downloading the agent's model, 42%")).toBeVisible();
		service.finish();
		await expect
			.element(screen.getByText(/Found by fake 1, context of 1,024 tokens; tools as Hermes text;/))
			.toBeVisible();
		await expect.element(screen.getByText('Something is lost.').first()).toBeVisible();
	});

	test('can be cancelled without a complaint, and a failure is told of', async () => {
		const { screen, service } = await open();
		await screen.getByRole('button', { name: 'Load now' }).click();
		await screen.getByRole('button', { name: 'Cancel' }).click();
		await expect.element(screen.getByRole('button', { name: 'Load now' })).toBeVisible();
		expect(screen.getByRole('alert').query()).toBeNull();
		await screen.getByRole('button', { name: 'Load now' }).click();
		service.finish(new Error('The model does not fit.'));
		await expect.element(screen.getByRole('alert')).toHaveTextContent('The model does not fit.');
	});
});

describe('files', () => {
	const file = (name: string) => new File(['x'], name);
	const pick = (screen: Screen, ...files: File[]) => screen.getByLabelText('Choose files …').upload(files);

	test('are kept when they are picked, and can be used with settings and an adapter', async () => {
		const adapter = keptModel('lora', { kind: 'adapter', name: 'Polite' });
		const { screen, shelf } = await open({ kept: new FakeKeptModels([adapter]) });
		await pick(screen, file('mine.gguf'));
		await expect.element(screen.getByText('mine.gguf', { exact: true })).toBeVisible();
		await screen.getByText('Settings', { exact: true }).click();
		await screen.getByLabelText('Context').fill('1024');
		await screen.getByLabelText('LoRA adapter').selectOptions('Polite');
		await use(screen, 'mine.gguf', 'Use for both');
		expect(shelf.chosen.agent).toMatchObject({
			engine: 'wllama',
			model: 'mine.gguf',
			adapter: { id: 'lora', scale: 1 },
			settings: { contextTokens: 1024, tools: 'auto', threads: expect.any(Number) as number }
		});
		expect(shelf.chosen.user).toEqual(shelf.chosen.agent);
	});

	test('tell how their template takes tools and what it loses, or that it cannot be used', async () => {
		const template = {
			source: 'own',
			tools: 'native',
			system: 'in user',
			losses: ['Something is lost.']
		} as const;
		const kept = new FakeKeptModels([
			keptModel('a', { template }),
			keptModel('b', { template: { problem: 'It refuses both roles.' } })
		]);
		const { screen, shelf } = await open({ kept });
		await expect.element(screen.getByText("tools in its template's own form")).toBeVisible();
		await expect.element(screen.getByText('Something is lost.')).toBeVisible();
		await expect.element(screen.getByText('It refuses both roles.')).toBeVisible();
		await screen.getByLabelText('Settings of Model a').click();
		await screen.getByLabelText('Tools are told').first().selectOptions('as Hermes text');
		expect(screen.getByText("tools in its template's own form").query()).toBeNull();
		await use(screen, 'Model a', 'Use for both');
		expect(shelf.chosen.agent).toMatchObject({ settings: { tools: 'hermes' } });
	});

	test('that were chosen in the words of before stay chosen', async () => {
		const source: ModelSource = {
			engine: 'wllama',
			model: 'a',
			settings: { tools: 'schema', contextTokens: 2048, threads: 1 }
		};
		localStorage.setItem('joshtree.models', JSON.stringify({ agent: source, user: source }));
		const { screen } = await open({ kept: new FakeKeptModels([keptModel('a')]) });
		const group = screen.getByRole('group', { name: 'Use Model a' });
		await expect
			.element(group.getByRole('button', { name: 'Use for both' }))
			.toHaveAttribute('aria-pressed', 'true');
		await screen.getByLabelText('Settings of Model a').click();
		await expect.element(screen.getByLabelText('Tools are told')).toHaveValue('hermes');
	});

	test('are kept when they are dropped', async () => {
		const { screen } = await open();
		const data = new DataTransfer();
		data.items.add(file('part-00001-of-00002.gguf'));
		data.items.add(file('part-00002-of-00002.gguf'));
		const section = screen.getByRole('region', { name: 'From this computer' }).element();
		section.dispatchEvent(new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }));
		await expect.element(screen.getByText('Let go to copy the files')).toBeVisible();
		section.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
		await expect.element(screen.getByText(/2 parts/)).toBeVisible();
	});

	test('that are refused are told of, and a copy can be cancelled', async () => {
		const { screen, shelf } = await open();
		await pick(screen, file('bad.txt'));
		await expect.element(screen.getByRole('alert')).toHaveTextContent('bad.txt is no GGUF file');
		await pick(screen, file('slow.gguf'));
		await expect.element(screen.getByText('Copying slow.gguf, 50%')).toBeVisible();
		await screen.getByRole('button', { name: 'Cancel' }).click();
		await expect.element(screen.getByText('Choose files …')).toBeVisible();
		expect(screen.getByRole('alert').query()).toBeNull();
		expect(shelf.kept).toEqual([]);
	});

	test('are deleted when that is confirmed, and are chosen no more', async () => {
		const { screen, shelf } = await open({ kept: new FakeKeptModels([keptModel('a')]) });
		await use(screen, 'Model a', 'as user');
		expect(shelf.chosen.user.engine).toBe('wllama');
		await screen.getByRole('button', { name: 'Delete Model a' }).click();
		await screen.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await vi.waitFor(() => expect(shelf.kept).toEqual([]));
		expect(shelf.chosen).toEqual(embeddedInBothRoles);
	});
});

describe('models from the web', () => {
	test('are on the connected page only', async () => {
		const { screen } = await open();
		await expect
			.element(screen.getByRole('link', { name: 'open the connected page' }).first())
			.toHaveAttribute('href', expect.stringMatching(/connected\.html/));
		expect(screen.getByRole('button', { name: 'Show the list' }).query()).toBeNull();
		expect(screen.getByLabelText('Address').query()).toBeNull();
	});

	test('are listed with what they need, searched, sized, loaded and deleted', async () => {
		const catalogue = new FakeCatalogue();
		const { screen, service, shelf } = await open({ catalogue });
		await screen.getByRole('button', { name: 'Show the list' }).click();
		await expect.element(screen.getByText('up to 1.1 GB of memory', { exact: false })).toBeVisible();
		await expect
			.element(screen.getByText('This graphics device cannot compute with 16-bit floats.'))
			.toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Download Large-q4f16' })).toBeDisabled();
		await screen.getByPlaceholder('Search').fill('small');
		expect(screen.getByText('Large-q4f16').query()).toBeNull();
		await screen.getByRole('button', { name: 'download size?' }).click();
		await expect.element(screen.getByText(/309 MB to download/)).toBeVisible();
		await screen.getByRole('button', { name: 'Load Small-q4f32' }).click();
		service.tell({ role: 'agent', phase: 'load', fraction: 0.5 });
		await expect.element(screen.getByText("Loading the agent's model, 50%").first()).toBeVisible();
		service.finish();
		await use(screen, 'Small-q4f32', 'as agent');
		expect(shelf.chosen.agent).toMatchObject({
			engine: 'webllm',
			model: 'Small-q4f32',
			settings: { calls: 'constrained', thinking: 'off' }
		});
		await screen.getByRole('button', { name: 'Delete Small-q4f32' }).click();
		await expect.element(screen.getByRole('button', { name: 'Download Small-q4f32' })).toBeVisible();
	});

	test('can be tried again when the list could not be had; one of the own is added', async () => {
		const catalogue = new FakeCatalogue();
		catalogue.failures = 1;
		const { screen } = await open({ catalogue });
		await screen.getByRole('button', { name: 'Show the list' }).click();
		await expect.element(screen.getByRole('alert')).toHaveTextContent('The list cannot be had.');
		await screen.getByRole('button', { name: 'Show the list' }).click();
		await screen.getByText('A model of your own').click();
		await screen.getByLabelText('Address of its folder').fill('https://huggingface.co/me/mine');
		await screen.getByLabelText('Address of its library').fill('https://huggingface.co/me/mine.wasm');
		await screen.getByRole('button', { name: 'Add to the list' }).click();
		await expect.element(screen.getByText('Mine', { exact: true })).toBeVisible();
	});
});

describe('a server', () => {
	async function filled(key = 'secret') {
		const opened = await open({ catalogue: new FakeCatalogue() });
		const { screen } = opened;
		await screen.getByPlaceholder('http://localhost:8000/v1').fill('node17:8000');
		await screen.getByPlaceholder('as the server calls it').fill('big');
		await screen.getByPlaceholder('if the server wants one').fill(key);
		return opened;
	}

	test('is announced with a notice, and used with its key in memory only', async () => {
		const { screen, shelf, service } = await filled();
		await expect
			.element(screen.getByRole('note').first())
			.toHaveTextContent('are sent to http://node17:8000');
		await use(screen, 'the model on the server', 'Use for both');
		await vi.waitFor(() => expect(shelf.chosen.agent.engine).toBe('server'));
		expect(shelf.chosen.agent).toMatchObject({
			address: 'http://node17:8000/v1',
			model: 'big',
			limits: { concurrency: 8 }
		});
		expect(service.keys).toContainEqual(['http://node17:8000/v1', 'secret']);
		expect(JSON.stringify({ ...localStorage })).not.toContain('secret');
	});

	test('keeps the key if it is asked to, until it is told to forget it', async () => {
		const { screen, service } = await filled();
		await screen.getByLabelText('Keep the key in this browser').click();
		await screen.getByRole('button', { name: 'Check' }).click();
		await vi.waitFor(() => expect(service.asked?.agent.engine).toBe('server'));
		expect(localStorage.getItem('joshtree.server-keys')).toContain('secret');
		const later = new FakeService();
		const keys = new ServerKeys(later);
		expect(later.keys).toEqual([['http://node17:8000/v1', 'secret']]);
		await keys.set('http://node17:8000/v1', '', false);
		expect(JSON.stringify({ ...localStorage })).not.toContain('secret');
	});

	test('with an address that is none is told so before anything is asked', async () => {
		const { screen, service } = await filled();
		await screen.getByPlaceholder('http://localhost:8000/v1').fill('ftp://x');
		await expect.element(screen.getByText(/is not the address of a server/)).toBeVisible();
		await screen.getByRole('button', { name: 'Check' }).click();
		expect(service.asked).toBeUndefined();
	});
});
