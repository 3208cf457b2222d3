import { isJsonObject, type JsonObject } from '../base/json.ts';
import { joshOptions } from '../search/josh/options.ts';
import { functionCalling } from '../talk/agents/function-calling.ts';
import { goalUser } from '../talk/users/goal.ts';
import * as v from 'valibot';

/**
 * A record as this version has it. Those that were made before runs had named parts (event schema 1) have `search` in the place of a
 * strategy, one version of all prompts in the place of each part's, and call the rules `fixed` `mended`. What is no such record stays as it is.
 */
export function upToDate(value: unknown): unknown {
	if (!isJsonObject(value) || !isJsonObject(value['config']) || !isJsonObject(value['origin'])) return value;
	const { config, origin } = value;
	const { search, ...rest } = config;
	if (!isJsonObject(search) || 'strategy' in rest) return value;
	const { promptVersion, ...made } = origin;
	const quirks = search['quirks'] === 'mended' ? 'fixed' : search['quirks']!;
	return {
		...value,
		config: {
			...rest,
			strategy: complete('josh', joshOptions, { ...search, quirks }),
			agent: completed(functionCalling, rest['agent']),
			user: completed(goalUser, rest['user']),
			reward: { kind: 'goal-calls' }
		},
		origin: {
			...made,
			parts: { strategy: 1, agent: promptVersion!, user: promptVersion!, reward: 1 }
		}
	};
}

type Schema = v.GenericSchema<unknown, JsonObject>;

function completed(
	{ kind, options }: { readonly kind: string; readonly options: Schema },
	part: unknown
): unknown {
	if (!isJsonObject(part) || part['kind'] !== kind) return part;
	const { kind: _, ...given } = part;
	return complete(kind, options, given);
}

/** With the options that there were not yet; damaged ones stay, so that the reader complains about them. */
function complete(kind: string, schema: Schema, given: JsonObject): JsonObject {
	const parsed = v.safeParse(schema, given);
	return { kind, ...(parsed.success ? parsed.output : given) };
}
