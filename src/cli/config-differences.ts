import { UsageError } from '../../scripts/flags.ts';
import { canonicalJson, isJsonObject, writeJson, type Json } from '../base/json.ts';
import { own } from '../base/own.ts';
import type { RunConfig } from '../search/run-config.ts';
import { flagOfMember } from './part-flags.ts';

/** @throws {UsageError} if the folder's run was made with another configuration */
export function refuseDifferences(folder: string, differences: readonly string[]): void {
	if (differences.length === 0) return;
	throw new UsageError(
		[
			`${folder} holds a run with other settings:`,
			...differences.map((difference) => `  ${difference}`),
			'Nothing was changed. Use the settings of that run to continue it, or another --out.'
		].join('\n')
	);
}

/** What differs between two configurations, one line each, e.g. `--beam: 8 there, 4 here`. */
export function configDifferences(there: RunConfig, here: RunConfig): string[] {
	return differences('', there as unknown as Json, here as unknown as Json).map(
		([path, was, is]) =>
			`${own(flags, path) ?? flagOfMember(there, path) ?? flagOfMember(here, path) ?? path}: ${short(was)} there, ${short(is)} here`
	);
}

/** How the settings of a configuration are called on the command line. */
const flags: Readonly<Record<string, string>> = {
	scenarios: '--scenarios or --split',
	scenariosAsked: '--scenarios',
	trials: '--trials',
	seed: '--seed'
};

type Difference = readonly [path: string, there: Json | undefined, here: Json | undefined];

function differences(path: string, there: Json | undefined, here: Json | undefined): Difference[] {
	if (isJsonObject(there) && isJsonObject(here)) {
		return [...new Set([...Object.keys(there), ...Object.keys(here)])].flatMap((key) =>
			differences(path === '' ? key : `${path}.${key}`, own(there, key), own(here, key))
		);
	}
	const equal =
		there === undefined || here === undefined ? there === here : canonicalJson(there) === canonicalJson(here);
	return equal ? [] : [[path, there, here]];
}

/** Lists by their length and ends: two thousand scenarios do not fit in a message. */
function short(value: Json | undefined): string {
	if (Array.isArray(value))
		return value.length < 2 ? value.join() : `${value.length} (${value[0]} … ${value.at(-1)})`;
	return value === undefined ? 'nothing' : writeJson(value);
}
