import { dereference, format, Validator, type Schema, type SchemaDraft } from '@cfworker/json-schema';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { own } from '../base/own.ts';
import { within, type PackProblem } from './pack-problem.ts';
import { compilePattern } from './pattern.ts';
import { inPlace, keywords } from './schema-keywords.ts';

/** A JSON Schema made ready for its validator. */
export interface PreparedSchema {
	/** What keeps it from being used; paths begin at the schema. */
	readonly problems: readonly PackProblem[];
	/** @throws {Error} at some values if there are problems, and {PatternError} at a text too long for a pattern */
	readonly validate: Validator['validate'];
}

/** Schemas do not change, so each is prepared once; it is forgotten together with its pack. */
const known = new WeakMap<JsonObject, PreparedSchema>();

/**
 * A copy of the schema for the validator, which takes schemas at their word: it throws at some that are wrong and takes everything by
 * others, and either only when a call comes.
 */
export function prepareSchema(schema: JsonObject): PreparedSchema {
	let prepared = known.get(schema);
	if (!prepared) known.set(schema, (prepared = new Preparation(schema).result()));
	return prepared;
}

class Preparation {
	readonly #draft: SchemaDraft | undefined;
	readonly #copy: Schema;
	readonly #problems: PackProblem[] = [];
	readonly #references: { readonly from: Schema; readonly path: string }[] = [];
	/** By schema: those in it that apply to the same value as itself. */
	readonly #applied = new Map<unknown, Schema[]>();

	constructor(schema: JsonObject) {
		this.#draft = draftOf(schema['$schema']);
		this.#copy = this.#schema(schema, '') as Schema;
		this.#checkReferences();
	}

	result(): PreparedSchema {
		let validator: Validator | undefined;
		return {
			problems: this.#problems,
			validate: (value) => (validator ??= new Validator(this.#copy, this.#draft)).validate(value)
		};
	}

	/** The copy of a schema: only what the validator knows, the rest describes. */
	#schema(given: Json, path: string): Json {
		if (typeof given === 'boolean') return given;
		const report = (at: string, message: string) => void this.#problems.push({ path: at, message });
		if (!isJsonObject(given)) {
			report(path, 'must be a schema: an object, true or false');
			return given;
		}
		const copy: Record<string, Json> = {};
		const applied: Schema[] = [];
		for (const [name, value] of Object.entries(given)) {
			const keyword = own(keywords, name);
			if (!keyword) continue;
			const subschema = (one: Json, at: string): Json => {
				const below = this.#schema(one, at);
				if (inPlace.has(name)) applied.push(below as Schema);
				return below;
			};
			copy[name] = keyword(value, within(path, name), { draft: this.#draft, report, subschema });
		}
		this.#applied.set(copy, applied);
		if (typeof copy['$ref'] === 'string') this.#references.push({ from: copy, path: within(path, '$ref') });
		if (typeof copy['pattern'] === 'string') matchInLinearTime(copy, within(path, 'pattern'), report);
		for (const [index, name] of unknownNames(given).entries())
			if (name !== undefined)
				report(within(within(path, 'required'), index), `"${name}" is not in "properties"; add it there`);
		return copy;
	}

	/** References must lead to a schema, and not back to themselves without going into the value: that would never end. */
	#checkReferences(): void {
		let schemas: ReturnType<typeof dereference>;
		try {
			schemas = dereference(this.#copy);
		} catch (error) {
			this.#problems.push({ path: '', message: `cannot be used: ${(error as Error).message}` });
			return;
		}
		const targets = new Map(
			this.#references.map(({ from }) => [from as unknown, schemas[from.__absolute_ref__ ?? from.$ref!]])
		);
		const isReached = (wanted: unknown, from: unknown, seen = new Set<unknown>()): boolean =>
			[targets.get(from), ...(this.#applied.get(from) ?? [])].some((next) => {
				if (next === wanted) return true;
				if (typeof next !== 'object' || seen.has(next)) return false;
				return isReached(wanted, next, seen.add(next));
			});
		for (const { from, path } of this.#references) {
			if (targets.get(from) === undefined)
				this.#problems.push({ path, message: `there is no schema at "${from.$ref}"; add it under "$defs"` });
			else if (isReached(from, from))
				this.#problems.push({ path, message: 'leads back to itself, so that no call could be checked' });
		}
	}
}

/** `undefined` if it is none that the validator knows. */
function draftOf(uri: Json | undefined): SchemaDraft | undefined {
	if (uri === undefined) return '2020-12';
	const known = /^https?:\/\/json-schema\.org\/(?:draft-0([467])|draft\/(2019-09|2020-12))\/schema#?$/;
	const [, number, year] = (typeof uri === 'string' && known.exec(uri)) || [];
	return number === '6' ? '7' : ((number ?? year) as SchemaDraft | undefined);
}

/**
 * Puts our own test in the place of a pattern: the validator's may take exponential time. It calls whatever is registered as the
 * schema's `format`, which is the one door that it has.
 */
function matchInLinearTime(
	schema: Record<string, Json>,
	path: string,
	report: (path: string, message: string) => void
): void {
	const { pattern, format: name } = schema;
	const also = typeof name === 'string' ? own(format, name) : undefined;
	try {
		const matches = compilePattern(String(pattern));
		const both = `${also ? `${String(name)}, ` : ''}pattern ${String(pattern)}`;
		format[both] = (text) => matches(text) && (also?.(text) ?? true);
		schema['format'] = both;
		delete schema['pattern'];
	} catch (error) {
		report(path, (error as Error).message);
	}
}

/** Names that are required where others than `properties` are refused, so that no call can be right; by their places in `required`. */
function unknownNames({ required, properties, additionalProperties }: JsonObject): (string | undefined)[] {
	if (additionalProperties !== false || !Array.isArray(required)) return [];
	const names = isJsonObject(properties) ? properties : {};
	return required.map((name: Json) =>
		typeof name === 'string' && !Object.hasOwn(names, name) ? name : undefined
	);
}
