import { groupBy } from '../base/group.ts';
import { seedOf } from '../base/hash.ts';
import { canonicalJson, type Json, type JsonObject } from '../base/json.ts';
import { own } from '../base/own.ts';
import type { Call, Tables } from './environment.ts';
import { defaultIgnored, type InsertOperation, type SelectOperation } from './pack-format.ts';

/** What a call does: the new state and the result, or why it is refused. */
export type Outcome = { readonly state: Tables; readonly result: Json } | { readonly error: string };

/** The rows that agree with every argument whose value is not to be ignored. */
export function select(operation: SelectOperation, state: Tables, args: JsonObject): Outcome {
	const { from, compare = {}, ignore = defaultIgnored, limit } = operation;
	const conditions = Object.entries(args)
		.map(([column, wanted]) => ({ column, wanted, how: own(compare, column) }))
		.filter(({ wanted }) => !ignore.includes(comparable(wanted)));
	const result = (own(state, from) ?? []).filter((row) =>
		conditions.every(({ column, wanted, how }) => {
			const has = own(row, column);
			if (has === undefined) return false;
			const order = compareValues(has, wanted);
			if (how === 'at or after') return order >= 0;
			if (how === 'at or before') return order <= 0;
			return order === 0;
		})
	);
	return { state, result: result.slice(0, limit) };
}

/** A new row in a table; all other tables, and the rows that were there, stay the same objects. */
export function insert(
	{ into, lookup, row: template, return: returned }: InsertOperation,
	keyOf: (table: string) => string,
	state: Tables,
	call: Call
): Outcome {
	const rows = own(state, into) ?? [];
	const key = keyOf(into);
	const keyIn = (row: JsonObject): Json => own(row, key) ?? null;
	const taken = new Set(rows.map((row) => canonicalJson(keyIn(row))));
	const found = lookup ? lookUp(lookup, state, call.arguments) : { row: {} };
	if ('error' in found) return found;
	const row = fill(template, call.arguments, found.row, () =>
		newReference([call.name, call.arguments, rows.length], taken)
	);
	if (taken.has(canonicalJson(keyIn(row))))
		return { error: `there is a ${into} with ${key} ${textOf(keyIn(row))} already` };
	return {
		state: { ...state, [into]: [...rows, row] },
		result: Object.fromEntries(returned.map((column) => [column, own(row, column) ?? null]))
	};
}

/** The row that the arguments speak of. */
function lookUp(
	{ from, where }: NonNullable<InsertOperation['lookup']>,
	state: Tables,
	args: JsonObject
): { readonly row: JsonObject } | { readonly error: string } {
	const rows = own(state, from) ?? [];
	const wanted = Object.entries(fill(where, args, {}, () => ''));
	const [first, ...others] = wanted.map(([column, value]) => [column, comparable(value)] as const);
	const candidates = first ? rowsWith(rows, ...first) : rows;
	const row = candidates.find((row) =>
		others.every(([column, value]) => comparable(own(row, column) ?? null) === value)
	);
	if (row) return { row };
	return {
		error: `no ${from} with ${wanted.map(([column, value]) => `${column} ${textOf(value)}`).join(', ')}`
	};
}

/** Rows by the comparable value of a column. Tables are immutable, so what was found for one stays true. */
const indices = new WeakMap<readonly JsonObject[], Map<string, Map<string, JsonObject[]>>>();

/** In the order of the table. Every booking looks something up, and tables have thousands of rows. */
function rowsWith(rows: readonly JsonObject[], column: string, value: string): readonly JsonObject[] {
	let columns = indices.get(rows);
	if (!columns) indices.set(rows, (columns = new Map()));
	let index = columns.get(column);
	if (!index) columns.set(column, (index = groupBy(rows, (row) => comparable(own(row, column) ?? null))));
	return index.get(value) ?? [];
}

/** A template with its `$args.x`, `$row.x` and `$ref` replaced; `null` where there is no such argument or column. */
function fill(template: JsonObject, args: JsonObject, row: JsonObject, reference: () => string): JsonObject {
	const filled = (value: Json): Json => {
		if (value === '$ref') return reference();
		const [, source, name] = (typeof value === 'string' && /^\$(args|row)\.(.+)$/.exec(value)) || [];
		return name === undefined ? value : (own(source === 'args' ? args : row, name) ?? null);
	};
	return Object.fromEntries(Object.entries(template).map(([column, value]) => [column, filled(value)]));
}

/** Numbers by their size, else as lower-case text, so that `4` finds `"4"` and `North` finds `north`. Below 0 if `a` comes first. */
function compareValues(a: Json, b: Json): number {
	const [one, other] = isNumber(a) && isNumber(b) ? [a, b] : [comparable(a), comparable(b)];
	return one === other ? 0 : one < other ? -1 : 1;
}

function isNumber(value: Json): value is number {
	return typeof value === 'number' || typeof value === 'bigint';
}

function comparable(value: Json): string {
	return textOf(value).toLowerCase();
}

function textOf(value: Json): string {
	return typeof value === 'object' ? canonicalJson(value) : String(value);
}

/** A letter and four digits, decided by the call and how many rows there are; never one that is taken. */
function newReference(parts: Json, taken: ReadonlySet<string>): string {
	const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
	for (let attempt = 0; ; attempt++) {
		const seed = seedOf('reference', canonicalJson(parts), attempt);
		const number = 1000 + (Math.floor(seed / letters.length) % 9000);
		const reference = `${letters[seed % letters.length]!}${number}`;
		if (!taken.has(canonicalJson(reference))) return reference;
	}
}
