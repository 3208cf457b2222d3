import { canonicalJson, type Json } from '../../base/json.ts';
import { options } from '../../base/options.ts';
import type { Environment, EnvironmentState, Scenario, Tables } from '../../environment/environment.ts';
import { rewardPart } from './reward-part.ts';

/**
 * One goal: that the tables are in the end as if the scenario's goal calls had been made, and nothing else. References that the environment made
 * up do not count where rows of a table differ in nothing but them.
 */
export const endState = rewardPart({
	kind: 'end-state',
	version: 1,
	label: 'End state',
	options: options({}),
	unfit: ({ goals }) =>
		goals.length > 0 ? undefined : 'it has no goal calls that would say how tables should be in the end',
	create(_options, { scenario, environment }) {
		let wanted: Promise<string> | undefined;
		const isReached = async (state: EnvironmentState) => {
			wanted ??= wantedState(environment, scenario);
			return (await textOf(environment, state)) === (await wanted);
		};
		return {
			goals: [{ id: 'end-state', label: 'tables as the goal calls leave them' }],
			match: async ({ state }, left) => (left.length > 0 && (await isReached(state)) ? [0] : []),
			score: async ({ state }) => [{ name: 'end-state', value: Number(await isReached(state)) }]
		};
	}
});

async function wantedState(environment: Environment, scenario: Scenario): Promise<string> {
	let state = await environment.initial(scenario);
	for (const { name, arguments: args } of scenario.goals)
		({ state } = await environment.call(state, 'agent', { name, arguments: args }));
	return textOf(environment, state);
}

/** Equal for states whose tables hold the same rows, whatever their order and generated references. */
async function textOf(environment: Environment, state: EnvironmentState): Promise<string> {
	if (!environment.tables) throw new Error(`the environment ${environment.id} has no tables to compare`);
	const before = await initialRows(environment);
	const tables = await environment.tables(state);
	const added = Object.entries(tables).map(([name, rows]): [string, Json] => {
		const known = before.get(name);
		// Tables are immutable: rows that were there are the same objects.
		const fresh = rows.filter((row) => !known?.has(row));
		const gone = (known?.size ?? 0) - (rows.length - fresh.length);
		return [name, [gone, ...fresh.map((row) => canonicalJson(withoutReferences(row))).sort()]];
	});
	return canonicalJson(added.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const initial = new WeakMap<Environment, Promise<Map<string, Set<object>>>>();

function initialRows(environment: Environment): Promise<Map<string, Set<object>>> {
	let rows = initial.get(environment);
	if (!rows) initial.set(environment, (rows = readInitial(environment)));
	return rows;
}

async function readInitial(environment: Environment): Promise<Map<string, Set<object>>> {
	const [any] = environment.scenarios;
	const tables: Tables = any ? await environment.tables!(await environment.initial(any)) : {};
	return new Map(Object.entries(tables).map(([name, rows]) => [name, new Set<object>(rows)]));
}

/** A new row without the reference that the environment drew for it (`$ref` of packs): a letter and four digits. */
function withoutReferences(row: Tables[string][number]): Json {
	return Object.fromEntries(
		Object.entries(row).map(([key, value]) => [
			key,
			typeof value === 'string' && /^[A-Z]\d{4}$/.test(value) ? '$ref' : value
		])
	);
}
