import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** What Hugging Face `datasets` takes a value for when it reads JSON Lines. */
type ColumnType = 'null' | 'integer' | 'number' | 'boolean' | 'string' | 'time' | 'json';

/** The types of a set of rows, by the path of the value: `messages[].content`. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/** All that the types of many values depend on; grows with the number of different keys, not of values. */
interface Shape {
	/** Types of values that hold no others. */
	readonly plain: Set<Exclude<ColumnType, 'json' | 'null'>>;
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
}

function newShape(): Shape {
	return { plain: new Set(), hasMixedKeys: false, members: new Map(), isList: false };
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
		shape.plain.add(plainType(value as boolean | number | string));
	}
}

function plainType(value: boolean | number | string): Exclude<ColumnType, 'json' | 'null'> {
	if (typeof value === 'boolean') return 'boolean';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return looksLikeTime.test(value) ? 'time' : 'string';
}

/** What Arrow's JSON reader takes for a point in time when all strings of a column look so. */
const looksLikeTime = /^\d{4}-\d{2}-\d{2}([ T]\d{2}(:\d{2}(:\d{2})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/;

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
