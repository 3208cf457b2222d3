import { existsSync } from 'node:fs';
import { parseJson } from '../../../src/base/json-read.ts';
import { earnsGoal } from '../../../src/environment/earns.ts';
import type { Call } from '../../../src/environment/environment.ts';
import { createEnvironment } from '../../../src/environment/pack-environment.ts';
import { PackError, parsePack } from '../../../src/environment/pack.ts';
import type { FaultDriver } from '../fault-case.ts';

/**
 * Reads `pack.json`. If it is refused: the paths of what is wrong. Else carries out `calls.json` in the first scenario, if there is
 * one: of each call its result, and the goals that it earns.
 */
const pack: FaultDriver = async ({ text, path }) => {
	let environment;
	try {
		environment = createEnvironment(parsePack(parseJson(text('pack.json'))), 'hash');
	} catch (error) {
		if (error instanceof PackError) return { refused: error.problems.map(({ path }) => path) };
		throw error;
	}
	const calls = existsSync(path('calls.json')) ? (parseJson(text('calls.json')) as unknown as Call[]) : [];
	const scenario = environment.scenarios[0]!;
	let state = await environment.initial(scenario);
	const found = [];
	for (const call of calls) {
		const made = await environment.call(state, 'agent', call);
		state = made.state;
		const { executed } = made;
		const earned = scenario.goals.filter((goal) => executed.ok && earnsGoal(goal, executed));
		found.push({ result: executed.result, earns: earned.map(({ id }) => id) });
	}
	return found;
};

export default pack;
