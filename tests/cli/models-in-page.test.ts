import { expect, test } from 'vitest';
import { embeddedModels, readModels, type ChosenModels } from '../../src/cli/model-flags.ts';
import { modelsInPage, modelsToGoOn, pageFor } from '../../src/cli/models-in-page.ts';
import type { KeptModel } from '../../src/models/wllama/kept-models.ts';
import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../../src/models/source.ts';

const tiny = 'tests/models/fixtures/tiny.gguf';
const server = 'http://node17:8000/v1#Qwen/Qwen3-8B';

function chosen(flags: Record<string, string>, env: Record<string, string> = {}): ChosenModels {
	return readModels(flags, env);
}

/** A page that keeps what it is given, and has no graphics device. */
function page(change: Partial<KeptModel> = {}) {
	const given: string[][] = [];
	return {
		given,
		keep: async (paths: readonly string[]): Promise<KeptModel> => {
			given.push([...paths]);
			return {
				id: 'f'.repeat(64),
				kind: 'model',
				name: 'Tiny',
				files: ['tiny.gguf'],
				bytes: 1000,
				architecture: 'llama',
				hasTemplate: true,
				keptAt: '2026-01-01T00:00:00.000Z',
				...change
			};
		},
		webGpuProblem: async () => 'this Chromium has no WebGPU'
	};
}

test('the default is what a run has whose record names no models', async () => {
	expect(await modelsInPage(page(), embeddedModels)).toEqual(embeddedInBothRoles);
});

test('a file in both roles is copied once, and needs nothing but the own origin', async () => {
	const models = chosen({ 'agent-model': tiny, tools: 'compact' });
	const one = page();
	const source = { engine: 'wllama', model: 'f'.repeat(64), settings: { tools: 'compact' } };
	expect(await modelsInPage(one, models)).toEqual({ agent: source, user: source });
	expect(one.given).toEqual([[tiny]]);
	expect(pageFor(models, 'http://localhost:1')).toBe('http://localhost:1');
});

test('a server goes with the connected page, and its key into no source', async () => {
	const models = chosen({ 'agent-model': server, 'user-model': 'embedded' }, { OPENAI_API_KEY: 'secret' });
	const { agent, user } = await modelsInPage(page(), models);
	expect(agent).toMatchObject({ engine: 'server', model: 'Qwen/Qwen3-8B', streams: false });
	expect(user).toEqual(embeddedInBothRoles.user);
	expect(JSON.stringify(agent)).not.toContain('secret');
	expect(pageFor(models, 'http://localhost:1')).toBe('http://localhost:1/connected.html');
});

test('what cannot be run is refused with the reason', async () => {
	await expect(
		modelsInPage(page(), chosen({ 'agent-model': 'webllm:Qwen3-0.6B-q4f16_1-MLC' }))
	).rejects.toThrow(
		/^--agent-model webllm:Qwen3-0.6B-q4f16_1-MLC cannot be run here: this Chromium has no WebGPU\./
	);
	await expect(modelsInPage(page({ kind: 'adapter' }), chosen({ 'user-model': tiny }))).rejects.toThrow(
		`--user-model ${tiny} is a LoRA adapter`
	);
});

test('a run goes on as it was laid out, with servers where they are now; another model is named', () => {
	const kept = (threads: number, model = 'a'): ModelSource => ({
		engine: 'wllama',
		model,
		settings: { tools: 'compact', threads }
	});
	const at = (address: string): ModelSource => ({ engine: 'server', address, model: 'm' });
	const names = (agent: string, user: string): RoleModels<string> => ({ agent, user });
	const both = { there: names('Tiny', 'm'), here: names('tiny.gguf', 'http://new#m') };
	expect(
		modelsToGoOn({ agent: kept(7), user: at('old') }, { agent: kept(1), user: at('new') }, both)
	).toEqual({
		models: { agent: kept(7), user: at('new') },
		differences: []
	});
	expect(
		modelsToGoOn({ agent: kept(7), user: at('old') }, { agent: kept(7, 'b'), user: kept(1) }, both)
			.differences
	).toEqual(['--agent-model: Tiny there, tiny.gguf here', '--user-model: m there, http://new#m here']);
});
