import { jsonText } from '../base/json.ts';
import { fieldsOf, valueAt } from '../base/options.ts';
import { optionsOf } from '../base/part.ts';
import { partLists } from '../search/compose.ts';
import { partRoles, type PartRole, type RunConfig } from '../search/run-config.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import { formatCount, plural } from './format.ts';

/** A run in words: `8 scenarios from train-0001`, `JOSH, beam 8 · seed 1 · …`. */
export function describeRun(config: RunConfig): { title: string; details: string } {
	const { scenarios, scenariosAsked, trials = 1, seed } = config;
	const first = scenarios[0] ?? '';
	return {
		title:
			scenarios.length === 1 ? `Scenario ${first}` : `${plural(scenarios.length, 'scenario')} from ${first}`,
		details: [
			...(scenariosAsked === undefined ? [] : [`${formatCount(scenariosAsked)} scenarios asked for`]),
			...(trials > 1 ? [`${trials} trials each`] : []),
			`seed ${seed}`,
			...partRoles.flatMap((role) => wordsOf(config, role))
		].join(' · ')
	};
}

/** A part by its name, with what is not as usual: `JOSH, beam 4`. */
function wordsOf(config: RunConfig, role: PartRole): string[] {
	const chosen = config[role];
	if (!chosen) return [];
	if (!partLists[role].has(chosen.kind)) return [chosen.kind];
	const { label, options } = partLists[role].get(chosen.kind);
	const unusual = fieldsOf(options).flatMap((field) => {
		const value = valueAt(optionsOf(chosen), field.path);
		if (value === undefined || String(value) === String(field.default)) return [];
		return [`${field.label.toLowerCase()} ${String(value)}`];
	});
	return [[label, ...unusual].join(', ')];
}

/** `book_hotel: Alder House, monday, 2`, or what the reward calls it. */
export function describeGoal({ label, call }: RewardGoal): string {
	if (!call) return label;
	const values = Object.values(call.arguments)
		.filter((value) => value !== '')
		.map((value) => (typeof value === 'string' ? value : jsonText(value)));
	return values.length > 0 ? `${call.name}: ${values.join(', ')}` : call.name;
}
