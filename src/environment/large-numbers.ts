import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/**
 * A schema and arguments for a validator that knows no `bigint`: each is replaced by a float64 near it, in such a way that equal
 * numbers stay equal, and others different and in order. Undefined if there is none.
 */
export interface StandIns {
	readonly schema: JsonObject;
	readonly args: JsonObject;
	/** The validator's words with the numbers that were meant. */
	explain(message: string): string;
}

const safe = Number.MAX_SAFE_INTEGER;
const cannotDivide = 'a whole number beyond 2^53 cannot be divided exactly, so it is not taken here';

export function standIns(schema: JsonObject, args: JsonObject): StandIns | undefined {
	const numbers = new Set<bigint>();
	collect(args, numbers);
	collect(schema, numbers);
	if (numbers.size === 0) return undefined;
	const floats = floatsFor([...numbers]);
	const replaced = (value: Json): Json => {
		if (typeof value === 'bigint') return floats.get(value)!;
		if (Array.isArray(value)) return (value as readonly Json[]).map(replaced);
		if (!isJsonObject(value)) return value;
		return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaced(member)]));
	};
	return {
		schema: withoutDivision(replaced(schema)) as JsonObject,
		args: replaced(args) as JsonObject,
		explain(message) {
			const divided = message.search(/\S+ is (less|greater) than -?9007199254740991\b/);
			if (divided >= 0) return `${message.slice(0, divided)}${cannotDivide}`;
			return [...floats].reduce(
				(text, [number, float]) => text.replaceAll(String(float), String(number)),
				message
			);
		}
	};
}

function collect(value: Json, numbers: Set<bigint>): void {
	if (typeof value === 'bigint') numbers.add(value);
	else if (Array.isArray(value)) for (const item of value as readonly Json[]) collect(item, numbers);
	else if (isJsonObject(value)) for (const member of Object.values(value)) collect(member, numbers);
}

/** By size away from 0, each the nearest that is beyond the one before. */
function floatsFor(numbers: readonly bigint[]): Map<bigint, number> {
	const sizes = [...new Set(numbers.map((number) => (number < 0n ? -number : number)))];
	sizes.sort((a, b) => (a < b ? -1 : 1));
	const floats = new Map<bigint, number>();
	let last = safe;
	for (const size of sizes) {
		last = Math.max(Number(size), nextFloat(last));
		floats.set(size, last);
		floats.set(-size, -last);
	}
	return floats;
}

function nextFloat(value: number): number {
	const bits = new DataView(new ArrayBuffer(8));
	bits.setFloat64(0, value);
	bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
	return bits.getFloat64(0);
}

/** Members of a schema that hold values, not schemas. */
const valueKeywords: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

/** What stands in for a number has other divisors, so where a schema asks for one only small numbers pass. */
function withoutDivision(schema: Json): Json {
	if (Array.isArray(schema)) return (schema as readonly Json[]).map(withoutDivision);
	if (!isJsonObject(schema)) return schema;
	const members = Object.fromEntries(
		Object.entries(schema).map(([key, member]) => [
			key,
			valueKeywords.has(key) ? member : withoutDivision(member)
		])
	);
	if (typeof schema['multipleOf'] !== 'number') return members;
	const others = Array.isArray(members['allOf']) ? (members['allOf'] as readonly Json[]) : [];
	return { ...members, allOf: [...others, { minimum: -safe, maximum: safe }] };
}
