import type { Environment, Goal, Scenario } from '../src/environment/environment.ts';
import { createRunConfig } from '../src/run/config.ts';
import type { SearchEvent } from '../src/search/events.ts';
import type { SearchOptions } from '../src/search/josh/options.ts';
import { search } from '../src/search/search.ts';
import { FunctionCallingAgent } from '../src/talk/agents/function-calling.ts';
import { GoalUser } from '../src/talk/users/goal.ts';
import { InstantModel } from './instant-model.ts';

const areas = ['north', 'south', 'east', 'west', 'centre'];

/** How runs are searched that `livelySearch` makes. */
export const livelyOptions: SearchOptions = createRunConfig({ scenarios: ['any'], beam: 8 }).search;

/**
 * The events of a search that earns its goals by and by, made without waiting for any model: of its calls every other one is for the next
 * goal, all others and all words differ from branch to branch.
 */
export async function livelySearch(environment: Environment, scenario: Scenario): Promise<SearchEvent[]> {
	const { goals } = scenario;
	const model = new InstantModel((step, seed) =>
		seed % 2 === 0 ? callFor(goals[step % goals.length]!) : searchIn(areas[seed % areas.length]!)
	);
	const { agent, user } = createRunConfig({ scenarios: [scenario.id] });
	const steps = search({
		environment,
		scenario,
		agent: new FunctionCallingAgent(model, agent.sampling),
		user: new GoalUser(model, user.sampling),
		options: livelyOptions,
		seed: 1
	});
	const events: SearchEvent[] = [];
	for await (const event of steps) events.push(event);
	return events;
}

function callFor({ name, arguments: args }: Goal) {
	return { name, arguments: args };
}

function searchIn(area: string) {
	return { name: 'search_restaurant', arguments: { area } };
}
