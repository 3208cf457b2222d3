import { plainSampling } from '../src/models/language-model.ts';
import { scorerOf } from '../src/search/compose.ts';
import { search } from '../src/search/search.ts';
import { FunctionCallingAgent } from '../src/talk/agents/function-calling.ts';
import { GoalUser } from '../src/talk/users/goal.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { InstantModel } from './instant-model.ts';
import { publishedTurnsPerSecond, requiredSpeedup } from './published.ts';
import { retailEnvironment } from './retail.ts';

const maxSteps = 15;
/** In the workload with goals, the agents of every fourth step make a goal call. One more goal than can be earned. */
const goals = [7, 107, 207, 307];

/** Leaf-turns a second of the search alone: real environment, agent and user simulator, a model that answers at once. */
export const searchBenchmark: Benchmark = {
	name: 'search',
	async run({ quick }) {
		const figures: Figure[] = [];
		let bytes = 0;
		for (const workload of ['no goal', 'a goal every fourth step'] as const) {
			const retail = retailEnvironment(goals);
			bytes = retail.bytes;
			for (const beam of [8, 16] as const) {
				const { perSecond: turns, perCpuSecond } = await turnsPerSecond(
					retail,
					workload,
					beam,
					quick ? 300 : 3000
				);
				const published = publishedTurnsPerSecond[workload][beam];
				figures.push({
					name: `beam ${beam}, ${workload}`,
					value: turns,
					unit: 'leaf-turns/s',
					target: { atLeast: published * requiredSpeedup }
				});
				figures.push(
					{ name: '  over the published implementation', value: turns / published, unit: 'times' },
					{ name: '  if the processor did nothing else', value: perCpuSecond, unit: 'leaf-turns/s' }
				);
			}
		}
		return {
			figures,
			notes: [
				`tables of ${(bytes / 1e6).toFixed(2)} MB, ${maxSteps} steps; a leaf-turn is an agent's call and reply and the user's answer`
			]
		};
	}
};

/** Searches one scenario again and again, with other seeds, for `milliseconds`. */
async function turnsPerSecond(
	{ environment, scenario }: ReturnType<typeof retailEnvironment>,
	workload: keyof typeof publishedTurnsPerSecond,
	beam: number,
	milliseconds: number
): Promise<{ readonly perSecond: number; readonly perCpuSecond: number }> {
	const hits = workload !== 'no goal';
	const model = new InstantModel((step, seed) => {
		const order = hits && step % 4 === 3 ? goals[(step - 3) / 4]! : 1000 + (seed % 3000);
		return { name: 'change_order', arguments: { order: `#W${100_000 + order}`, note: 'changed' } };
	});
	const sampling = plainSampling;
	let turns = 0;
	const once = async (seed: number) => {
		const events = search({
			environment,
			scenario,
			agent: new FunctionCallingAgent(model, sampling),
			user: new GoalUser(model, sampling),
			scorer: scorerOf({ reward: { kind: 'goal-calls' } }, environment, scenario),
			strategy: { kind: 'josh', beam, maxSteps },
			seed
		});
		for (;;) {
			const next = await events.next();
			if (next.done) return next.value;
			if (next.value.kind === 'agent') turns++;
		}
	};
	const first = await once(0);
	const expected = workload === 'no goal' ? 0 : 3;
	if (first.collapses.length !== expected || first.steps !== maxSteps) {
		throw new Error(`the workload is wrong: ${first.collapses.length} goals hit in ${first.steps} steps`);
	}
	turns = 0;
	const began = performance.now();
	const cpu = process.cpuUsage();
	for (let seed = 1; performance.now() - began < milliseconds; seed++) await once(seed);
	const seconds = (performance.now() - began) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	return { perSecond: turns / seconds, perCpuSecond: turns / ((user + system) / 1e6) };
}
