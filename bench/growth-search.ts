import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeFiles } from '../src/cli/node-files.ts';
import { plainSampling } from '../src/models/language-model.ts';
import { createRunConfig } from '../src/run/config.ts';
import { LocalRunService } from '../src/run/local-run-service.ts';
import { SingleTab } from '../src/run/single-tab.ts';
import { scorerOf } from '../src/search/compose.ts';
import { search } from '../src/search/search.ts';
import { FolderStore } from '../src/store/folder-store.ts';
import { FunctionCallingAgent } from '../src/talk/agents/function-calling.ts';
import { GoalUser } from '../src/talk/users/goal.ts';
import { InstantModel } from './instant-model.ts';
import { retailEnvironment } from './retail.ts';

/** The orders that the scenarios of a run ask for. */
const goals = [7, 107];

/** Milliseconds of processor time, garbage collection included. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/**
 * Runs so many scenarios with a model that answers at once, every step into a folder on the disk, by the app's own service.
 * @returns milliseconds of processor time for each of them
 */
export async function scenarioCost(scenarios: number): Promise<number> {
	const { pack } = retailEnvironment(goals, { orders: 200, scenarios });
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-bench-'));
	try {
		const text = JSON.stringify(pack);
		const service = new LocalRunService({
			store: new FolderStore(new NodeFiles(folder)),
			fetchPack: async () => text,
			spawn: async () =>
				new InstantModel((step, seed) => change(step % 3 === 2 ? goals[(step - 2) / 3]! : seed % 200), 10),
			tabs: new SingleTab(),
			version: 'bench'
		});
		const config = createRunConfig({ scenarios: pack.scenarios.map(({ id }) => id) });
		const { id } = await service.create(config);
		const time = await processorTime(() => service.start(id, { workers: 2 }));
		const { status } = await service.get(id);
		if (status !== 'finished') throw new Error('the run did not come to its end');
		return time / scenarios;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

export interface SearchSize {
	readonly beam?: number;
	readonly steps?: number;
	/** Of each reply. */
	readonly words?: number;
	readonly orders?: number;
	readonly tools?: number;
}

/** @returns milliseconds of processor time for an agent turn of a search that earns nothing, the best of some searches */
export async function turnCost({ beam = 8, steps = 15, words = 0, ...shop }: SearchSize): Promise<number> {
	const { environment, scenario } = retailEnvironment(goals, shop);
	const model = new InstantModel((_, seed) => change(1000 + (seed % 3000)), words);
	const once = async (seed: number): Promise<number> => {
		let turns = 0;
		const time = await processorTime(async () => {
			const events = search({
				environment,
				scenario,
				agent: new FunctionCallingAgent(model, plainSampling),
				user: new GoalUser(model, plainSampling),
				scorer: scorerOf({ reward: { kind: 'goal-calls' } }, environment, scenario),
				strategy: { kind: 'josh', beam, maxSteps: steps },
				seed
			});
			for await (const { kind } of events) if (kind === 'agent') turns++;
		});
		return time / turns;
	};
	let best = Infinity;
	// The first ones warm up.
	for (let seed = 0; seed < 12; seed++) best = Math.min(best, await once(seed));
	return best;
}

function change(order: number) {
	return { name: 'change_order', arguments: { order: `#W${100_000 + order}`, note: 'changed' } };
}
