import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { own } from '../base/own.ts';
import type { ExecutedCall, Goal } from './environment.ts';

const noValues: ReadonlySet<Json> = new Set([
	'',
	'dont care',
	'not mentioned',
	"don't care",
	'dontcare',
	"do n't care"
]);

/** What ToolWOZ takes for "no value": exactly these words. */
export function isNoValue(value: Json): boolean {
	return noValues.has(value);
}

/**
 * ToolWOZ's rule for "does this call earn this goal" (josh-behaviour.md, section 3), with `returnsFirst` in the place of the
 * booked row's id:
 * - `subset` (bookings): the goal's arguments are among the call's. What the call returned is not looked at.
 * - `either_subset` (searches): the call must have returned something that is not text. If the goal's arguments are among the
 *   call's, it is earned, provided that the first row returned is the wanted one; else if the call's are among the goal's, it is earned
 *   when the first row returned is the wanted one or, where none is named, has the goal's arguments.
 */
export function earnsGoal(goal: Goal, executed: ExecutedCall): boolean {
	if (executed.name !== goal.name) return false;
	if (goal.match === 'subset') return isSubset(goal.arguments, executed.arguments);
	const first = firstRow(executed.result);
	if (!first) return false;
	const isWanted = Object.entries(goal.returnsFirst ?? {}).every(([key, value]) => {
		const returned = own(first, key);
		return returned !== undefined && canonicalJson(returned) === canonicalJson(value);
	});
	if (isSubset(goal.arguments, executed.arguments)) return isWanted;
	if (!isSubset(executed.arguments, goal.arguments)) return false;
	return goal.returnsFirst ? isWanted : isSubset(goal.arguments, first);
}

/**
 * Every member of `part` that has a value is in `whole`, and is the same value to its depths; letter case and apostrophes of strings do
 * not count. "No value" is a matter of arguments: inside a list or an object its words are text like any other.
 */
export function isSubset(part: JsonObject, whole: JsonObject): boolean {
	return Object.entries(part).every(([key, value]) => {
		if (isNoValue(value)) return true;
		const other = own(whole, key);
		return (
			other !== undefined &&
			!isNoValue(other) &&
			canonicalJson(normal(value)) === canonicalJson(normal(other))
		);
	});
}

function normal(value: Json): Json {
	if (typeof value === 'string') return value.toLowerCase().replaceAll("'", '');
	// To Python, true is 1.
	if (typeof value === 'boolean') return Number(value);
	if (Array.isArray(value)) return value.map(normal);
	if (!isJsonObject(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, normal(member)]));
}

/** The row that a call returned, or the first of several; `undefined` for text, numbers and empty results. */
function firstRow(result: Json): JsonObject | undefined {
	const row = Array.isArray(result) ? (result as readonly Json[])[0] : result;
	return isJsonObject(row) && Object.keys(row).length > 0 ? row : undefined;
}
