import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { standIns } from './large-numbers.ts';

/** Schemas do not change, so each is prepared once; it is forgotten together with its pack. */
const validators = new WeakMap<JsonObject, Validator>();

/**
 * What is wrong with the arguments of a call, in a few words that name the argument; `undefined` if nothing is. A schema that cannot
 * be used (a pattern that is no regular expression, a reference to nowhere) is reported the same way.
 */
export function checkArguments(parameters: JsonObject, args: unknown): string | undefined {
	if (!isJsonObject(args)) return 'arguments must be an object';
	try {
		const large = standIns(parameters, args);
		const validator = large ? validatorFor(large.schema) : keptValidator(parameters);
		const { valid, errors } = validator.validate(large?.args ?? args);
		if (valid) return undefined;
		const message = explain(parameters, args, errors);
		return large?.explain(message) ?? message;
	} catch (error) {
		return `the schema of the parameters cannot be used: ${error instanceof Error ? error.message : String(error)}`;
	}
}

function keptValidator(parameters: JsonObject): Validator {
	let validator = validators.get(parameters);
	if (!validator) validators.set(parameters, (validator = validatorFor(parameters)));
	return validator;
}

function validatorFor(parameters: JsonObject): Validator {
	return new Validator(parameters as Schema, '2020-12');
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
	return `${instanceLocation.replace(/^#\/?/, '')}: ${error.replaceAll('"', "'")}`;
}
