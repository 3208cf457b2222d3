import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Scenario } from './environment.ts';
import { mapOf } from '../base/map-of.ts';
import { within, type PackProblem } from './pack-problem.ts';

const text = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'));
const jsonObject = v.custom<JsonObject>(isJsonObject, 'must be an object');
const jsonRow = v.custom<JsonObject>(isJsonObject, 'must be an object: a row');
/** As MCP has them (2025-11-25), with the `/` of its drafts. */
const toolName = v.pipe(
	text,
	v.regex(/^[\w./-]+$/, 'must have only letters, digits, _, -, . and /'),
	v.maxLength(128, 'must not be longer than 128 characters')
);

const languageMessage = 'must be a language tag such as "en" or "pt-BR" (BCP 47), or a list of them';

/** A BCP 47 tag with the two or three letters that the Hub knows a language by: `en`, `pt-BR`. */
const languageTag = v.pipe(v.string(languageMessage), v.check(isLanguageTag, languageMessage));

function isLanguageTag(tag: string): boolean {
	try {
		return /^[a-z]{2,3}(?:-|$)/i.test(tag) && Intl.getCanonicalLocales(tag).length === 1;
	} catch {
		return false;
	}
}

/** How an argument is compared with its column; without one, they must be equal whatever the case of their letters. */
const comparison = v.picklist(['at or after', 'at or before'], 'must be "at or after" or "at or before"');

/**
 * Rows whose columns agree with all arguments, in the order of the table. An argument whose value is in `ignore` does not count
 * (default: `defaultIgnored`).
 */
const select = v.strictObject({
	op: v.literal('select'),
	from: text,
	compare: v.exactOptional(mapOf(comparison)),
	ignore: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
	limit: v.exactOptional(
		v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(1, 'must be at least 1'))
	)
});

/**
 * A new row. `lookup` finds the row of another table that the arguments speak of; the call fails if there is none. Values of
 * `row` and `where` are taken as they are, but for `$args.x`, `$row.x` (the row looked up) and `$ref` (a new reference).
 */
const insert = v.strictObject({
	op: v.literal('insert'),
	into: text,
	lookup: v.exactOptional(v.strictObject({ from: text, where: jsonRow })),
	row: jsonRow,
	return: v.array(text)
});

const goal = v.strictObject({
	id: text,
	name: text,
	arguments: jsonObject,
	match: v.picklist(['subset', 'either_subset'], 'must be "subset" or "either_subset"'),
	returnsFirst: v.exactOptional(jsonObject)
});

const words = v.pipe(v.array(text), v.minLength(1, 'must not be empty'));
const saidGoal = v.strictObject({ id: text, any: words, not: v.exactOptional(words) });

const packSchema = v.strictObject({
	format: v.literal(
		'joshtree-pack/1',
		'must be "joshtree-pack/1"; this is another format or a later version'
	),
	id: text,
	title: text,
	license: v.string('must be text'),
	source: v.string('must be text'),
	language: v.exactOptional(
		v.union([languageTag, v.pipe(v.array(languageTag), v.readonly())], languageMessage)
	),
	prompts: v.strictObject({ agent: text, user: text, stop: text }),
	toolsText: v.exactOptional(v.string('must be text')),
	tables: mapOf(v.strictObject({ key: text, rows: v.array(jsonRow) })),
	tools: v.array(
		v.strictObject({
			name: toolName,
			description: v.string('must be text'),
			parameters: jsonObject,
			do: v.variant('op', [select, insert], 'must have an "op" of "select" or "insert"')
		})
	),
	// Looked at one by one: there may be many.
	scenarios: v.array(v.unknown())
});

const scenarioSchema = v.strictObject({
	id: text,
	split: v.picklist(['train', 'val', 'test'], 'must be "train", "val" or "test"'),
	domains: v.array(text),
	userGoals: v.pipe(v.array(text), v.minLength(1, 'must tell the user at least one goal')),
	goals: v.array(goal),
	says: v.exactOptional(v.array(saidGoal)),
	dialogue: v.exactOptional(
		v.array(
			v.strictObject({ speaker: v.picklist(['agent', 'customer'], 'must be "agent" or "customer"'), text })
		)
	)
});

export type SelectOperation = v.InferOutput<typeof select>;
export type InsertOperation = v.InferOutput<typeof insert>;

/** A tool: what models are told of it, and what it does to the tables. */
export interface PackTool {
	readonly name: string;
	readonly description: string;
	readonly parameters: JsonObject;
	readonly do: SelectOperation | InsertOperation;
}

/** An environment as data: tables, tools over them, prompts and scenarios (`joshtree-pack/1`). */
export interface Pack {
	readonly format: 'joshtree-pack/1';
	readonly id: string;
	readonly title: string;
	readonly license: string;
	readonly source: string;
	/** What is spoken in its conversations: a BCP 47 tag or several. The dataset card names it. */
	readonly language?: string | readonly string[];
	/** `user` may have `{{goals}}` and `{{stop}}`. */
	readonly prompts: { readonly agent: string; readonly user: string; readonly stop: string };
	/** The tools in a few words each, as earlier packs had to have them. Models are told what `compactTools` makes of `tools`. */
	readonly toolsText?: string;
	/** `key` is the column whose value no two rows share. */
	readonly tables: Readonly<Record<string, { readonly key: string; readonly rows: readonly JsonObject[] }>>;
	readonly tools: readonly PackTool[];
	readonly scenarios: readonly Scenario[];
}

/** What a search takes for "no preference", in lower case. */
export const defaultIgnored: readonly string[] = [
	'',
	'any',
	'dontcare',
	"don't care",
	'dont care',
	'not mentioned'
];

/** What is not as the format has it, by path. */
export function shapeProblems(json: unknown): PackProblem[] {
	const problems: PackProblem[] = [];
	const learn = (
		issues: readonly v.BaseIssue<unknown>[] = [],
		...within: readonly { readonly key: unknown }[]
	) => {
		for (const issue of issues)
			problems.push({ path: pathOf([...within, ...(issue.path ?? [])]), message: messageOf(issue) });
	};
	learn(v.safeParse(packSchema, json).issues);
	const { scenarios } = (json ?? {}) as { readonly scenarios?: unknown };
	if (!Array.isArray(scenarios)) return problems;
	for (const [key, scenario] of scenarios.entries())
		learn(v.safeParse(scenarioSchema, scenario).issues, { key: 'scenarios' }, { key });
	return problems;
}

function pathOf(path: readonly { readonly key?: unknown }[] = []): string {
	return path.reduce<string>((at, { key }) => within(at, typeof key === 'number' ? key : String(key)), '$');
}

/** Our own words where the schema has them; valibot's for a member that lacks or is too many. */
function messageOf(issue: v.BaseIssue<unknown>): string {
	if (issue.expected === 'never') return 'is not a member of this format; remove it';
	if (issue.received === 'undefined') return 'is missing';
	return issue.message;
}
