import type { OutputUnit } from '@cfworker/json-schema';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { standIns } from './large-numbers.ts';
import { PatternError } from './pattern.ts';
import { prepareSchema } from './schema.ts';

/**
 * What is wrong with the arguments of a call, in a few words that name the argument; `undefined` if nothing is. A schema that cannot
 * be used is reported the same way: only packs of earlier versions have such.
 */
export function checkArguments(parameters: JsonObject, args: unknown): string | undefined {
	if (!isJsonObject(args)) return 'arguments must be an object';
	try {
		const large = standIns(parameters, args);
		const { valid, errors } = prepareSchema(large?.schema ?? parameters).validate(large?.args ?? args);
		if (valid) return undefined;
		const message = explain(parameters, args, errors);
		return large?.explain(message) ?? message;
	} catch (error) {
		if (error instanceof PatternError) return error.message;
		return `the schema of the parameters cannot be used: ${error instanceof Error ? error.message : String(error)}`;
	}
}

/** The two commonest mistakes in our own words, the rest in the validator's (its last error is the innermost). */
function explain(parameters: JsonObject, args: JsonObject, errors: readonly OutputUnit[]): string {
	const { properties, required, additionalProperties } = parameters;
	if (Array.isArray(required)) {
		const missing = (required as readonly string[]).find((name) => !Object.hasOwn(args, name));
		if (missing !== undefined) return `${missing} is missing`;
	}
	if (isJsonObject(properties) && additionalProperties === false) {
		const unknown = Object.keys(args).find((name) => !Object.hasOwn(properties, name));
		if (unknown !== undefined) return `unknown argument ${unknown}`;
	}
	const { instanceLocation, error } = errors.at(-1)!;
	const text = error.replace(/format "(pattern .*)"\.$/s, 'pattern.');
	return `${instanceLocation.replace(/^#\/?/, '')}: ${text.replaceAll('"', "'")}`;
}
