import type { Environment } from '../src/environment/environment.ts';
import { createRunConfig, firstScenarios } from '../src/run/config.ts';
import { originHere } from '../src/run/origin.ts';
import { composeRun } from '../src/search/compose.ts';
import { search } from '../src/search/search.ts';
import type { RunRecord, ScenarioEvent } from '../src/store/run-store.ts';
import { InstantModel, instantIdentity } from './instant-model.ts';

/** A run of at least `count` events in the travel environment, made without waiting for any model. Its trees can be folded. */
export async function instantRun(
	environment: Environment,
	count: number
): Promise<{ readonly record: RunRecord; readonly events: readonly ScenarioEvent[] }> {
	const model = new InstantModel((_, seed) => ({
		name: 'search_restaurant',
		arguments: { area: ['north', 'south', 'east', 'west', 'centre'][seed % 5]! }
	}));
	const available = environment.scenarios.filter(({ split }) => split === 'train').length;
	const all = createRunConfig({ ...firstScenarios(environment, 'train', available) });
	const compose = composeRun(all, { environment, agentModel: model, userModel: model });
	const events: ScenarioEvent[] = [];
	const scenarios: string[] = [];
	for (const id of all.scenarios) {
		if (events.length >= count) break;
		scenarios.push(id);
		const steps = search(
			compose(
				environment.scenarios.find((scenario) => scenario.id === id)!,
				0
			)
		);
		for await (const event of steps) events.push({ scenario: id, event });
	}
	const config = { ...all, scenarios };
	const record: RunRecord = {
		id: 'instant-run',
		createdAt: '2025-01-01T00:00:00.000Z',
		config,
		origin: originHere(config, environment, { agent: instantIdentity, user: instantIdentity }),
		status: 'finished',
		activeMilliseconds: 0
	};
	return { record, events };
}
