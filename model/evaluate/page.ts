import { createEnvironment } from '../../src/environment/pack-environment.ts';
import { parsePack } from '../../src/environment/pack.ts';
import { InventionFinder } from '../../src/evaluation/invented.ts';
import { trialRow, type TrialRow } from '../../src/evaluation/trial.ts';
import { ModelPool } from '../../src/models/pool.ts';
import { RemoteModel } from '../../src/models/remote-model.ts';
import { createRunConfig, firstScenarios } from '../../src/run/config.ts';
import { converse } from '../../src/simulation/conversation.ts';
import { FunctionCallingAgent } from '../../src/simulation/function-calling-agent.ts';
import { GoalUser } from '../../src/simulation/goal-user.ts';
import type { EvaluationRequest } from '../evaluate.ts';

declare global {
	/** Called by `model/evaluate.ts`; a row of JSON goes to `tellRow` as each conversation ends. */
	var evaluate: (request: EvaluationRequest) => Promise<void>;
	var tellRow: (row: TrialRow) => Promise<void>;
}

globalThis.evaluate = async ({
	model,
	pack,
	split,
	scenarios,
	trials,
	seed,
	temperature,
	userTemperature,
	workers
}) => {
	const environment = createEnvironment(parsePack(await (await fetch(pack)).json()), pack);
	const config = createRunConfig({
		scenarios: firstScenarios(environment, split, scenarios),
		seed,
		agentTemperature: temperature,
		userTemperature
	});
	const source = { model: [await (await fetch(model)).blob()], settings: { tools: 'compact' } };
	const createWorker = () =>
		new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), { type: 'module' });
	const pool = await ModelPool.start({ size: workers, spawn: () => RemoteModel.start(createWorker, source) });
	const agent = new FunctionCallingAgent(pool, config.agent.sampling);
	const user = new GoalUser(pool, config.user.sampling);
	const finder = new InventionFinder(environment);

	const jobs = config.scenarios
		.flatMap((id) => Array.from({ length: trials }, (_, trial) => ({ id, trial })))
		.values();
	const talk = async () => {
		for (const { id, trial } of jobs) {
			const scenario = environment.scenarios.find((one) => one.id === id)!;
			const conversation = await converse({ environment, scenario, agent, user, seed, trial });
			const invented = finder.find(scenario, conversation.transcript);
			await globalThis.tellRow(trialRow(scenario, trial, conversation, invented.length));
		}
	};
	// A conversation waits for one reply at a time: one for each worker keeps them all busy.
	await Promise.all(Array.from({ length: workers }, talk));
	await pool.dispose();
};
