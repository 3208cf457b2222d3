import { parseJson } from '../base/json-read.ts';
import { sha256 } from '../base/hash.ts';
import { own } from '../base/own.ts';
import { callOf } from '../dialogue/call-arguments.ts';
import { compactTool, compactTools } from '../dialogue/hermes-write.ts';
import { checkArguments } from './arguments.ts';
import type { Call, Environment, ExecutedCall, Tables } from './environment.ts';
import { insert, select, type Outcome } from './operations.ts';
import { parsePack } from './pack.ts';
import type { Pack } from './pack-format.ts';

/** What the tools of a pack do to its tables, at once. */
export interface PackTables {
	readonly initial: Tables;
	/** Never throws: an unknown tool or bad arguments give `ok: false` and a result that says what to correct. */
	call(state: Tables, call: Call): { readonly state: Tables; readonly executed: ExecutedCall };
}

export function packTables(pack: Pack): PackTables {
	const tools = new Map(pack.tools.map((tool) => [tool.name, tool]));
	const keyOf = (table: string): string => own(pack.tables, table)!.key;

	function carryOut(state: Tables, call: Call): Outcome {
		const tool = tools.get(call.name);
		if (!tool)
			return {
				error: `unknown tool ${call.name}${tools.size > 0 ? `, use ${[...tools.keys()].join(', ')}` : ''}`
			};
		const problem = checkArguments(tool.parameters, call.arguments);
		if (problem !== undefined) return { error: problem };
		return tool.do.op === 'select'
			? select(tool.do, state, call.arguments)
			: insert(tool.do, keyOf, state, call);
	}

	return {
		initial: Object.fromEntries(Object.entries(pack.tables).map(([name, { rows }]) => [name, rows])),
		call(state, wanted) {
			const call = callOf(wanted);
			const outcome = carryOut(state, call);
			return 'error' in outcome
				? { state, executed: { ...call, result: { error: outcome.error }, ok: false } }
				: { state: outcome.state, executed: { ...call, result: outcome.result, ok: true } };
		}
	};
}

/** How many tools a warning quotes at the most. */
const quotedTools = 3;

/** What a pack says and its environment does otherwise. */
function warningsOf({ id, tools, toolsText }: Pack): string[] {
	if (toolsText === undefined || toolsText === compactTools(tools)) return [];
	const lines = new Set(toolsText.split('\n'));
	const others = tools.map(compactTool).filter((line) => !lines.has(line));
	const more = others.length > quotedTools ? ` and ${others.length - quotedTools} more` : '';
	const quoted = others.slice(0, quotedTools).map((line) => `"${line}"`);
	const instead =
		others.length > 0 ? `${quoted.join(', ')}${more} instead` : 'of exactly its tools, in their order';
	return [
		`the toolsText of the pack "${id}" differs from its tools and is not used: ` +
			`models that are told of tools in a few words are told ${instead}`
	];
}

/** The environment that a pack describes; `hash` is that of the pack. Its state is its tables; its tools are the agent's. */
export function createEnvironment(pack: Pack, hash: string): Environment {
	const { id, title, license, language, prompts, scenarios } = pack;
	const tables = packTables(pack);
	const warnings = warningsOf(pack);
	return {
		hash,
		id,
		title,
		license,
		...(language !== undefined && { languages: [language].flat() }),
		prompts,
		scenarios,
		...(warnings.length > 0 && { warnings }),
		tools: pack.tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
		initial: async () => tables.initial,
		call: async (state, actor, call) =>
			actor === 'agent'
				? tables.call(state as Tables, call)
				: {
						state,
						executed: { ...callOf(call), result: { error: `the user has no tool ${call.name}` }, ok: false }
					},
		tables: async (state) => state as Tables
	};
}

/**
 * The environment of a pack in JSON text.
 * @param origin as of `parsePack`
 * @throws {PackError} or a `JsonError` if it is not JSON
 */
export async function loadEnvironment(text: string, origin?: 'new' | 'stored'): Promise<Environment> {
	const pack = parsePack(parseJson(text), origin);
	return createEnvironment(pack, await sha256(text));
}
