import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** What Hugging Face `datasets` takes a value for when it reads JSON Lines. */
type ColumnType = 'null' | 'integer' | 'number' | 'boolean' | 'string' | 'time' | 'json';

/** The types of a set of rows, by the path of the value: `messages[].content`. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/** Values that do not always come back as they were written. */
type Fragile = 'many decimals' | 'beyond 63 bits' | 'text of JSON';

/** All that the types of many values depend on; grows with the number of different keys, not of values. */
interface Shape {
	/** Types of values that hold no others. */
	readonly plain: Set<Exclude<ColumnType, 'json' | 'null'>>;
	readonly fragile: Set<Fragile>;
	/** Keys of the first object. */
	keys?: ReadonlySet<string>;
	/** A later object has other keys, or the first has none. */
	hasMixedKeys: boolean;
	readonly members: Map<string, Shape>;
	isList: boolean;
	items?: Shape;
}

/**
 * Collects what `datasets` looks at in its first batch (5.2, `utils/json.py`, `find_mixed_struct_types_field_paths`): objects in one
 * place whose keys differ, an object without keys, and objects or lists beside other values become JSON; whatever is inside
 * them is not looked at. The rest gets the type that Arrow gives it.
 */
export class ColumnTyping {
	readonly #root = newShape();

	add(row: JsonObject): void {
		grow(this.#root, row);
	}

	types(): ColumnTypes {
		const types = new Map<string, ColumnType>();
		for (const [key, member] of this.#root.members) collect(member, key, types);
		return types;
	}

	/**
	 * What changes on the way through `datasets` although the types are right, each with its path.
	 * @param types those that the columns are read with, or `declared` if the card says that all but plain values are JSON
	 */
	changes(types: ColumnTypes | 'declared'): string[] {
		const found: string[] = [];
		const holdsJson = types === 'declared' || [...types.values()].includes('json');
		for (const [key, member] of this.#root.members) {
			for (const [path, shape] of shapesIn(member, key)) {
				// One column of JSON is enough: then all rows are written anew, with ten decimals (pandas' `ujson_dumps`).
				if (holdsJson && shape.fragile.has('many decimals'))
					found.push(`${path} holds numbers with more than ten decimals, which are rounded`);
				if (shape.fragile.has('beyond 63 bits'))
					found.push(`${path} holds whole numbers beyond 63 bits, which are rounded or not read at all`);
				if (types === 'declared') continue;
				if (types.get(path) === 'json' && shape.fragile.has('text of JSON'))
					found.push(`${path} holds text such as "12" beside other values, which is read as what it spells`);
				if (types.get(path) === 'number' && shape.plain.has('integer'))
					found.push(`${path} holds whole numbers beside others, so that 2 is read as 2.0`);
			}
		}
		return found.sort();
	}
}

type Plain = boolean | number | bigint | string;

function newShape(): Shape {
	return { plain: new Set(), fragile: new Set(), hasMixedKeys: false, members: new Map(), isList: false };
}

function grow(shape: Shape, value: Json): void {
	if (value === null) return;
	if (isJsonObject(value)) {
		const keys = Object.keys(value);
		if (!shape.keys) {
			shape.keys = new Set(keys);
			if (keys.length === 0) shape.hasMixedKeys = true;
		} else if (keys.length !== shape.keys.size || keys.some((key) => !shape.keys!.has(key))) {
			shape.hasMixedKeys = true;
		}
		for (const key of keys) {
			let member = shape.members.get(key);
			if (!member) shape.members.set(key, (member = newShape()));
			grow(member, value[key]!);
		}
	} else if (Array.isArray(value)) {
		shape.isList = true;
		for (const item of value as readonly Json[]) grow((shape.items ??= newShape()), item);
	} else {
		const plain = value as Plain;
		shape.plain.add(plainType(plain));
		const fragile = fragility(plain);
		if (fragile) shape.fragile.add(fragile);
	}
}

function plainType(value: Plain): Exclude<ColumnType, 'json' | 'null'> {
	if (typeof value === 'boolean') return 'boolean';
	if (typeof value === 'bigint') return 'integer';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return isTime(value) ? 'time' : 'string';
}

/** The forms of a day, and of a time of that day, that Arrow's JSON reader knows. */
const timeForm =
	/^(\d{4})-(\d{2})-(\d{2})(?:[ T](?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/;

/** What Arrow takes for a point in time when all strings of a column are such: of days only those in the calendar. */
function isTime(text: string): boolean {
	const [, year, month, day] = timeForm.exec(text) ?? [];
	if (day === undefined) return false;
	const date = new Date(0);
	date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
	return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

const startsLikeJson = /^\s*(?:-?\d|true\b|false\b|null\b|["[{])/;

function fragility(value: Plain): Fragile | undefined {
	if (typeof value === 'string') return startsLikeJson.test(value) ? 'text of JSON' : undefined;
	if (typeof value === 'boolean') return undefined;
	if (typeof value === 'bigint' || Number.isInteger(value))
		return value >= 2 ** 63 || value < -(2 ** 63) ? 'beyond 63 bits' : undefined;
	return Number(value.toFixed(10)) === value ? undefined : 'many decimals';
}

function* shapesIn(shape: Shape, path: string): Generator<readonly [string, Shape]> {
	yield [path, shape];
	if (shape.items) yield* shapesIn(shape.items, `${path}[]`);
	for (const [key, member] of shape.members) yield* shapesIn(member, `${path}.${key}`);
}

function collect(shape: Shape, path: string, types: Map<string, ColumnType>): void {
	const { plain, keys, hasMixedKeys, members, isList, items } = shape;
	const sorts = Number(keys !== undefined) + Number(isList) + Number(plain.size > 0);
	if (sorts > 1 || hasMixedKeys) types.set(path, 'json');
	else if (keys) for (const [key, member] of members) collect(member, `${path}.${key}`, types);
	else if (isList) collect(items ?? newShape(), `${path}[]`, types);
	else types.set(path, plainColumn(plain));
}

function plainColumn(plain: Shape['plain']): ColumnType {
	const [first, ...others] = plain;
	if (first === undefined) return 'null';
	if (others.length === 0) return first;
	const all = [first, ...others];
	if (all.every((type) => type === 'integer' || type === 'number')) return 'number';
	if (all.every((type) => type === 'time' || type === 'string')) return 'string';
	return 'json';
}
