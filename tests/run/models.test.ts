import { afterEach, expect, it } from 'vitest';
import type { ModelSource, RoleModels } from '../../src/models/source.ts';
import type { WllamaSettings } from '../../src/models/wllama/settings.ts';
import { RunModels, type StartedModels } from '../../src/run/models.ts';
import { FakeModel, request } from '../models/fake-model.ts';

let started: StartedModels | undefined;
afterEach(() => started?.dispose());

const kept = (settings: Partial<WllamaSettings> = {}): ModelSource => ({
	engine: 'wllama',
	model: 'abc',
	settings: { tools: 'compact', ...settings }
});
const inBoth = (source: ModelSource): RoleModels<ModelSource> => ({ agent: source, user: source });

async function start(sources: RoleModels<ModelSource>, workers: number) {
	const engines: FakeModel[] = [];
	const models = new RunModels(async () => {
		const engine = new FakeModel();
		engines.push(engine);
		return engine;
	});
	started = await models.start(sources, workers);
	await new Promise((resolve) => setTimeout(resolve, 10)); // the other workers join
	return { engines, ...started };
}

it.each<[string, Partial<WllamaSettings>, { engines: number; searches: number }]>([
	['a worker each for small models', {}, { engines: 4, searches: 8 }],
	['one engine with all slots on the GPU', { device: 'gpu', slots: 3 }, { engines: 1, searches: 6 }],
	['one engine on the GPU without slots', { device: 'gpu' }, { engines: 1, searches: 2 }],
	['one engine with slots on the CPU', { slots: 2 }, { engines: 1, searches: 4 }],
	['one engine with all threads', { threads: 4 }, { engines: 1, searches: 2 }],
	['two engines with half of the threads each', { threads: 2 }, { engines: 2, searches: 4 }]
])('starts %s', async (_, settings, expected) => {
	const { engines, searches } = await start(inBoth(kept(settings)), 4);
	expect({ engines: engines.length, searches }).toEqual(expected);
});

it('gives the engine of a model with slots back at the end', async () => {
	const { engines, agent, user, dispose } = await start(inBoth(kept({ device: 'gpu', slots: 2 })), 4);
	expect(user).toBe(agent);
	expect((await agent.generate(request('hello'))).text).toBe('hello #1');
	await dispose();
	await expect.poll(() => engines[0]!.disposed).toBe(true);
});

it('takes as many searches as the role that needs most', async () => {
	const sources = { agent: kept({ device: 'gpu', slots: 5 }), user: kept() };
	expect((await start(sources, 2)).searches).toBe(10);
});
