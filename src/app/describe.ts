import { jsonText } from '../base/json.ts';
import type { Goal } from '../environment/environment.ts';
import type { RunConfig } from '../search/run-config.ts';
import { formatCount, plural } from './format.ts';

/** A run in words: `8 scenarios from train-0001`, `beam 8 · seed 1 · …`. */
export function describeRun(config: RunConfig): { title: string; details: string } {
	const { scenarios, scenariosAsked, search, seed, agent, user } = config;
	const first = scenarios[0] ?? '';
	return {
		title:
			scenarios.length === 1 ? `Scenario ${first}` : `${plural(scenarios.length, 'scenario')} from ${first}`,
		details: [
			...(scenariosAsked === undefined ? [] : [`${formatCount(scenariosAsked)} scenarios asked for`]),
			`beam ${search.beam}`,
			`seed ${seed}`,
			`agent at ${agent.sampling.temperature}`,
			`user at ${user.sampling.temperature}`,
			`up to ${search.maxSteps} turns`
		].join(' · ')
	};
}

/** `book_hotel: Alder House, monday, 2`. */
export function describeGoal({ name, arguments: wanted }: Goal): string {
	const values = Object.values(wanted)
		.filter((value) => value !== '')
		.map((value) => (typeof value === 'string' ? value : jsonText(value)));
	return values.length > 0 ? `${name}: ${values.join(', ')}` : name;
}
