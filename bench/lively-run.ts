import type { Call, Environment, Scenario } from '../src/environment/environment.ts';
import { createRunConfig } from '../src/run/config.ts';
import type { SearchEvent } from '../src/search/events.ts';
import { composeRun } from '../src/search/compose.ts';
import { search } from '../src/search/search.ts';
import { InstantModel } from './instant-model.ts';

const areas = ['north', 'south', 'east', 'west', 'centre'];

/** How runs are made whose searches `livelySearch` makes. */
export const livelyConfig = createRunConfig({ scenarios: ['any'] });

/**
 * The events of a search that earns its goals by and by, made without waiting for any model: of its calls every other one is for the next
 * goal, all others and all words differ from branch to branch.
 */
export async function livelySearch(environment: Environment, scenario: Scenario): Promise<SearchEvent[]> {
	const { goals } = scenario;
	const model = new InstantModel((step, seed) =>
		seed % 2 === 0 ? callFor(goals[step % goals.length]!) : searchIn(areas[seed % areas.length]!)
	);
	const compose = composeRun(livelyConfig, { environment, agentModel: model, userModel: model });
	const steps = search(compose(scenario, 0));
	const events: SearchEvent[] = [];
	for await (const event of steps) events.push(event);
	return events;
}

function callFor({ name, arguments: args }: Call) {
	return { name, arguments: args };
}

function searchIn(area: string) {
	return { name: 'search_restaurant', arguments: { area } };
}
