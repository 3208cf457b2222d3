import { parseJson } from '../base/json-read.ts';
import { sha256 } from '../base/hash.ts';
import { own } from '../base/own.ts';
import { callOf } from '../dialogue/call-arguments.ts';
import { checkArguments } from './arguments.ts';
import { earnsGoal } from './earns.ts';
import type { Call, Environment, EnvironmentState } from './environment.ts';
import { insert, select, type Outcome } from './operations.ts';
import { parsePack, type Pack } from './pack.ts';

/**
 * The environment that a pack describes; `hash` is that of the pack. In it a call earns a goal only if it was carried out: a booking
 * that was rejected earns nothing (ToolWOZ counts it, Q6).
 */
export function createEnvironment(pack: Pack, hash: string): Environment {
	const { id, title, license, language, toolsText, prompts, scenarios } = pack;
	const tools = new Map(pack.tools.map((tool) => [tool.name, tool]));
	const tables: EnvironmentState = Object.fromEntries(
		Object.entries(pack.tables).map(([name, { rows }]) => [name, rows])
	);
	const keyOf = (table: string): string => own(pack.tables, table)!.key;

	function carryOut(state: EnvironmentState, call: Call): Outcome {
		const tool = tools.get(call.name);
		if (!tool) return { error: `unknown tool ${call.name}, use ${[...tools.keys()].join(', ')}` };
		const problem = checkArguments(tool.parameters, call.arguments);
		if (problem !== undefined) return { error: problem };
		return tool.do.op === 'select'
			? select(tool.do, state, call.arguments)
			: insert(tool.do, keyOf, state, call);
	}

	return {
		hash,
		id,
		title,
		license,
		...(language !== undefined && { languages: [language].flat() }),
		toolsText,
		prompts,
		scenarios,
		tools: pack.tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
		initial: () => tables,
		call(state, wanted) {
			const call = callOf(wanted);
			const outcome = carryOut(state, call);
			return 'error' in outcome
				? { state, executed: { ...call, result: { error: outcome.error }, ok: false } }
				: { state: outcome.state, executed: { ...call, result: outcome.result, ok: true } };
		},
		earns: (goal, executed) => executed.ok && earnsGoal(goal, executed)
	};
}

/**
 * The environment of a pack in JSON text.
 * @param origin as of `parsePack`
 * @throws {PackError} or a `JsonError` if it is no JSON
 */
export async function loadEnvironment(text: string, origin?: 'new' | 'stored'): Promise<Environment> {
	const pack = parsePack(parseJson(text), origin);
	return createEnvironment(pack, await sha256(text));
}
