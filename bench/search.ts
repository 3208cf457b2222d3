import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plainSampling } from '../src/models/language-model.ts';
import { scorerOf } from '../src/search/compose.ts';
import { search } from '../src/search/search.ts';
import { FunctionCallingAgent } from '../src/talk/agents/function-calling.ts';
import { GoalUser } from '../src/talk/users/goal.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { InstantModel } from './instant-model.ts';
import { retailEnvironment } from './retail.ts';

const maxSteps = 15;
/** In the workload with goals, the agents of every fourth step make a goal call. One more goal than can be earned. */
const goals = [7, 107, 207, 307];

/** How many times as fast as the script this project's search has to be, without goals and with them. */
const required = { without: 50, with: 100 } as const;

/**
 * Searches with a model that answers at once: real environment, agent and user simulator. Beside ours, in the same run and on the same tables, a small
 * Python script of the published kind, which copies state and conversation for each branch.
 */
export const searchBenchmark: Benchmark = {
	name: 'search',
	async run({ quick }) {
		const figures: Figure[] = [];
		const notes: string[] = [];
		const retail = retailEnvironment(goals);
		const folder = await mkdtemp(join(tmpdir(), 'joshtree-bench-'));
		try {
			const pack = join(folder, 'retail.json');
			await writeFile(pack, JSON.stringify({ tables: retail.tables }));
			for (const hits of [false, true]) {
				for (const beam of [8, 16] as const) {
					const ours = await timed(retail, hits, beam, quick ? 300 : 3000);
					const name = `beam ${beam}, ${hits ? 'a goal every fourth step' : 'no goal'}`;
					figures.push({ name, value: 1000 * ours.seconds, unit: 'ms a search' });
					const theirs = await ofPublishedKind(pack, beam, hits, quick ? 1 : 3);
					if (typeof theirs === 'string') {
						if (!notes.includes(theirs)) notes.push(theirs);
						continue;
					}
					if (
						theirs.agentSteps !== ours.agentSteps ||
						theirs.steps !== maxSteps ||
						theirs.collapses !== ours.collapses
					)
						throw new Error(`the workloads differ: ${JSON.stringify({ theirs, ours })}`);
					figures.push(
						{ name: '  the Python script', value: 1000 * theirs.seconds, unit: 'ms a search' },
						{
							name: '  as fast as that',
							value: theirs.seconds / ours.seconds,
							unit: 'times',
							target: { atLeast: hits ? required.with : required.without }
						}
					);
				}
			}
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
		return {
			figures,
			notes: [
				`tables of ${(retail.bytes / 1e6).toFixed(2)} MB, ${maxSteps} steps, medians; published_kind.py was written for this comparison, it is not the published implementation`,
				...notes
			]
		};
	}
};

interface Timed {
	/** Of one search, the median. */
	readonly seconds: number;
	readonly agentSteps: number;
	readonly collapses: number;
}

/** Searches one scenario again and again, with other seeds, for `milliseconds`. */
async function timed(
	{ environment, scenario }: ReturnType<typeof retailEnvironment>,
	hits: boolean,
	beam: number,
	milliseconds: number
): Promise<Timed> {
	const model = new InstantModel((step, seed) => {
		const order = hits && step % 4 === 3 ? goals[(step - 3) / 4]! : 1000 + (seed % 3000);
		return { name: 'change_order', arguments: { order: `#W${100_000 + order}`, note: 'changed' } };
	});
	let agentSteps = 0;
	const once = async (seed: number) => {
		agentSteps = 0;
		const events = search({
			environment,
			scenario,
			agent: new FunctionCallingAgent(model, plainSampling),
			user: new GoalUser(model, plainSampling),
			scorer: scorerOf({ reward: { kind: 'goal-calls' } }, environment, scenario),
			strategy: { kind: 'josh', beam, maxSteps },
			seed
		});
		for (;;) {
			const next = await events.next();
			if (next.done) return next.value;
			if (next.value.kind === 'agent') agentSteps++;
		}
	};
	// The first search warms up, too.
	const { collapses, steps } = await once(0);
	if (collapses.length !== (hits ? 3 : 0) || steps !== maxSteps)
		throw new Error(`the workload is wrong: ${collapses.length} goals hit in ${steps} steps`);
	const times: number[] = [];
	const began = performance.now();
	for (let seed = 1; performance.now() - began < milliseconds; seed++) {
		const from = performance.now();
		await once(seed);
		times.push((performance.now() - from) / 1000);
	}
	times.sort((a, b) => a - b);
	return { seconds: times[Math.floor(times.length / 2)]!, agentSteps, collapses: collapses.length };
}

interface Theirs extends Timed {
	readonly steps: number;
}

/** The same searches by the Python script; why there are none where there is no Python. */
async function ofPublishedKind(
	pack: string,
	beam: number,
	hits: boolean,
	repetitions: number
): Promise<Theirs | string> {
	const script = join(import.meta.dirname, 'published_kind.py');
	const job = JSON.stringify({ pack, beams: [beam], goals: [hits], repetitions });
	try {
		const { stdout } = await promisify(execFile)('python3', [script, job]);
		const [found] = (JSON.parse(stdout) as { readonly cases: readonly Theirs[] }).cases;
		return found!;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT')
			return 'there is no python3 here: nothing was compared';
		throw error;
	}
}
