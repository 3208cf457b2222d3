import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { OptionsSchema } from './part.ts';

/** What a form or a usage text must know of an option, beside its default. */
export interface OptionFacts {
	readonly label: string;
	/** A few words: what it does, its unit. */
	readonly hint: string;
	/** Its flag where that is not its own name in dashes, e.g. `user-temperature`. */
	readonly flag?: string;
	/** Most people never change it. */
	readonly rare?: true;
}

/** The kinds of options, with what they take. */
export type OptionKind =
	| { readonly kind: 'whole' | 'number'; readonly low: number; readonly high: number }
	| { readonly kind: 'choice' | 'choices'; readonly values: readonly string[] }
	| { readonly kind: 'toggle' };

/** One option of a schema. */
export type OptionField = OptionFacts &
	OptionKind & {
		/** Members from the outermost: `['sampling', 'temperature']`. */
		readonly path: readonly string[];
		readonly default: Json;
	};

type Described = OptionFacts & OptionKind;

const described = <Output>(facts: Described) =>
	v.metadata<Output, { readonly option: Described }>({ option: facts });

/** A whole number. */
export function whole(low: number, high: number, usual: number, facts: OptionFacts) {
	const message = `must be a whole number from ${low} to ${high}`;
	return v.optional(
		v.pipe(
			v.number(message),
			v.check((value) => Number.isInteger(value) && value >= low && value <= high, message),
			described<number>({ ...facts, kind: 'whole', low, high })
		),
		usual
	);
}

export function number(low: number, high: number, usual: number, facts: OptionFacts) {
	const message = `must be a number from ${low} to ${high}`;
	return v.optional(
		v.pipe(
			v.number(message),
			v.check((value) => value >= low && value <= high, message),
			described<number>({ ...facts, kind: 'number', low, high })
		),
		usual
	);
}

/** One of some words. */
export function choice<const Value extends string>(
	values: readonly [Value, ...Value[]],
	usual: NoInfer<Value>,
	facts: OptionFacts
) {
	return v.optional(
		v.pipe(
			v.picklist(values, `must be one of ${values.join(', ')}`),
			described<Value>({ ...facts, kind: 'choice', values })
		),
		usual
	);
}

/** Some of some words, each at most once. */
export function choices<const Value extends string>(
	values: readonly [Value, ...Value[]],
	usual: readonly NoInfer<Value>[],
	facts: OptionFacts
): v.GenericSchema<unknown, readonly Value[]> {
	const message = `must be a list of some of ${values.join(', ')}, each once`;
	return v.optional(
		v.pipe(
			v.array(v.picklist(values, message), message),
			v.check((list) => list.length > 0 && new Set(list).size === list.length, message),
			described<Value[]>({ ...facts, kind: 'choices', values })
		),
		[...usual]
	) as v.GenericSchema<unknown, readonly Value[]>;
}

export function toggle(usual: boolean, facts: OptionFacts) {
	return v.optional(
		v.pipe(v.boolean('must be true or false'), described<boolean>({ ...facts, kind: 'toggle' })),
		usual
	);
}

/** Options of a part, or a group of them below one name. */
export function options<const Entries extends v.ObjectEntries>(entries: Entries) {
	return v.strictObject(entries);
}

export function group<const Entries extends v.ObjectEntries>(entries: Entries) {
	return v.optional(v.strictObject(entries), {} as never);
}

/** What nobody says otherwise. */
export function defaultsOf(schema: OptionsSchema): JsonObject {
	return v.parse(schema, {});
}

/** The options of a schema, groups unfolded, in its order. */
export function fieldsOf(schema: OptionsSchema): OptionField[] {
	return fieldsIn(schema, [], defaultsOf(schema));
}

function fieldsIn(schema: v.GenericSchema, path: readonly string[], usual: Json): OptionField[] {
	const inner = 'wrapped' in schema ? (schema.wrapped as v.GenericSchema) : schema;
	if ('entries' in inner && isJsonObject(usual))
		return Object.entries(inner.entries as v.ObjectEntries).flatMap(([name, entry]) =>
			fieldsIn(entry as v.GenericSchema, [...path, name], usual[name]!)
		);
	const { option } = v.getMetadata(inner as never) as { readonly option?: Described };
	if (!option) throw new Error(`option ${path.join('.')} does not say what it is`);
	return [{ ...option, path, default: usual }];
}

/** What is wrong with options, a line each that names the member: `beam: must be a whole number from 1 to 1024, not 0`. */
export function problemsIn(schema: OptionsSchema, given: unknown, at: string): string[] {
	const { issues = [] } = v.safeParse(schema, given);
	return issues.map((issue) => {
		const path = [at, v.getDotPath(issue)].filter(Boolean).join('.');
		if (issue.expected === 'never') return `${path}: there is no such option; leave it out`;
		return `${path}: ${issue.message}, not ${issue.received}`;
	});
}

/** A value by the path of its option. */
export function valueAt(object: JsonObject, path: readonly string[]): Json | undefined {
	return path.reduce<Json | undefined>(
		(value, name) => (isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
		object
	);
}

/** The object with one option set; the given one stays as it is. */
export function withValue(object: JsonObject, [name, ...rest]: readonly string[], value: Json): JsonObject {
	if (name === undefined) return object;
	const inner = object[name];
	return {
		...object,
		[name]: rest.length === 0 ? value : withValue(isJsonObject(inner) ? inner : {}, rest, value)
	};
}
