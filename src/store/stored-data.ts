import * as v from 'valibot';
import { canonicalJson, isJson, isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { mapOf } from '../base/map-of.ts';
import type { ChosenPart } from '../base/part.ts';
import { shippedModels } from '../models/shipped.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { SearchEvent } from '../search/events.ts';
import type { SearchId } from '../search/run.ts';
import { upToDate } from './old-records.ts';
import {
	StoreError,
	type DamagedRun,
	type RunLayout,
	type RunListing,
	type RunRecord,
	type ScenarioEvent
} from './run-store.ts';

// Members that are not named here are kept: what another version added does no harm.

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const jsonObject = v.custom<JsonObject>(isJsonObject, 'Expected an object');
const json = v.custom<Json>((value) => value !== undefined, 'Expected a JSON value');

// What the options of a part may be, the part says when it is made.
const part: v.GenericSchema<unknown, ChosenPart> = v.custom<ChosenPart>(
	(value) => isJsonObject(value) && typeof value['kind'] === 'string',
	'Expected an object with the kind of a part'
);

const modelIdentity = v.looseObject({
	name: v.string(),
	hash: v.string(),
	engine: v.string(),
	settings: jsonObject,
	contextTokens: count,
	reproducible: v.boolean()
});

// What an engine's settings may be, the engine says when it is asked.
const settings = v.custom<never>(isJsonObject, 'Expected an object');

const modelSource: v.GenericSchema<unknown, ModelSource> = v.variant('engine', [
	v.looseObject({ engine: v.literal('shipped'), model: v.picklist(shippedModels) }),
	v.looseObject({
		engine: v.literal('wllama'),
		model: v.string(),
		adapter: v.exactOptional(v.looseObject({ id: v.string(), scale: v.number() })),
		settings
	}),
	v.looseObject({
		engine: v.literal('webllm'),
		model: v.union([v.string(), v.looseObject({ address: v.string(), library: v.string() })]),
		settings
	}),
	v.looseObject({ engine: v.literal('server'), address: v.string(), model: v.string() })
]);

const modelSources: v.GenericSchema<unknown, RoleModels<ModelSource>> = v.looseObject({
	agent: modelSource,
	user: modelSource
});

const record: v.GenericSchema<unknown, RunRecord> = v.looseObject({
	id: v.pipe(v.string(), v.regex(/^[\w-]+$/, 'Expected letters, digits, - and _')),
	createdAt: v.string(),
	config: v.looseObject({
		scenarios: v.array(v.string()),
		scenariosAsked: v.exactOptional(count),
		seed: count,
		trials: v.exactOptional(v.pipe(count, v.minValue(1))),
		strategy: part,
		agent: part,
		user: part,
		reward: part,
		score: v.exactOptional(part)
	}),
	origin: v.looseObject({
		eventSchema: count,
		parts: mapOf(count),
		pack: v.looseObject({ id: v.string(), hash: v.string() }),
		agentModel: modelIdentity,
		userModel: modelIdentity,
		details: v.exactOptional(jsonObject)
	}),
	sources: v.exactOptional(modelSources),
	status: v.picklist(['unfinished', 'finished']),
	ratings: v.exactOptional(mapOf(v.picklist(['good', 'bad']))),
	warnings: v.exactOptional(mapOf(count)),
	activeMilliseconds: v.pipe(v.number(), v.minValue(0))
});

const callArguments = { arguments: jsonObject, argumentsText: v.exactOptional(v.string()) };

const seenBy = v.picklist(['agent', 'user', 'both']);
const content = v.string();
const reasoning = v.exactOptional(v.string());
const message = v.variant('role', [
	v.looseObject({ role: v.literal('system'), content, seenBy }),
	v.looseObject({ role: v.literal('user'), content, reasoning, seenBy }),
	v.looseObject({
		role: v.literal('assistant'),
		content,
		reasoning,
		tool_calls: v.exactOptional(
			v.array(
				v.looseObject({
					id: v.string(),
					type: v.literal('function'),
					function: v.looseObject({ name: v.string(), ...callArguments })
				})
			)
		),
		seenBy
	}),
	v.looseObject({ role: v.literal('tool'), content, tool_call_id: v.string(), name: v.string(), seenBy })
]);

const goal = v.looseObject({
	id: v.string(),
	label: v.string(),
	call: v.exactOptional(v.looseObject({ name: v.string(), ...callArguments }))
});

const share = v.union([v.pipe(v.number(), v.minValue(0), v.maxValue(1)), v.literal('unknown')]);

const calls = v.exactOptional(
	v.array(v.looseObject({ name: v.string(), ...callArguments, result: json, ok: v.boolean() }))
);

const step = {
	n: count,
	path: v.string(),
	turn: count,
	messages: v.array(message),
	calls,
	error: v.exactOptional(v.string()),
	tokens: v.looseObject({ prompt: count, completion: count }),
	goals: v.exactOptional(v.array(goal)),
	earned: v.exactOptional(v.array(v.union([count, v.literal('surplus')]))),
	verdict: v.exactOptional(
		v.looseObject({
			score: share,
			components: v.array(v.looseObject({ name: v.string(), value: share }))
		})
	)
};

const event: v.GenericSchema<unknown, SearchEvent> = v.variant('kind', [
	v.looseObject({
		...step,
		kind: v.literal('agent'),
		try: count,
		outcome: v.picklist(['finished', 'continue', 'over', 'raised'])
	}),
	v.looseObject({
		...step,
		kind: v.literal('user'),
		over: v.boolean(),
		raised: v.exactOptional(v.literal(true))
	})
]);

const scenarioEvent: v.GenericSchema<unknown, ScenarioEvent> = v.looseObject({
	scenario: v.string(),
	trial: v.exactOptional(v.pipe(count, v.minValue(1))),
	event
});

/**
 * `value` as a run's record.
 * @param where names the place for the error message, e.g. `runs/abc/run.json`
 * @throws {StoreError} if it is none
 */
export function readRecord(value: unknown, where: string): RunRecord {
	return read(record, upToDate(value), where);
}

/** `value` as the models of a run; see `readRecord`. */
export function readModelSources(value: unknown, where: string): RoleModels<ModelSource> {
	return read(modelSources, value, where);
}

/** `value` as a stored event; see `readRecord`. */
export function readScenarioEvent(value: unknown, where: string): ScenarioEvent {
	return read(scenarioEvent, value, where);
}

/** Returns the value itself, not valibot's copy: that has its keys in another order. */
function read<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown, where: string): Output {
	const issue = issueIn(schema, value);
	if (issue === undefined) return value as Output;
	throw damageError([damaged(where, issue)], 'Restore it from a copy, or delete this run.');
}

/** What is wrong with `value` as a stored event; `undefined` if it is one. */
export function eventIssue(value: unknown): Issue | undefined {
	return issueIn(scenarioEvent, value);
}

/** What is wrong with a value, and with which member: `event.n`, or an empty path if it is all of it. */
export interface Issue {
	readonly path: string;
	readonly message: string;
}

/** One piece of damage in words. @param where its place, e.g. `runs/abc/run.json` */
export function damaged(where: string, { path, message }: Partial<Issue> & Pick<Issue, 'message'>): string {
	return `${where} is damaged${path ? ` at ${path}` : ''}: ${message}`;
}

/** Lines for a message: there may be thousands, and the first few are shown. */
export function listed(items: readonly string[], shown = 20): string[] {
	const lines = items.slice(0, shown).map((one) => `  ${one}`);
	return items.length > shown ? [...lines, `  and ${items.length - shown} more`] : lines;
}

/** @param damage at least one piece @param advice what to do about it */
export function damageError(damage: readonly string[], advice: string): StoreError {
	if (damage.length === 1) return new StoreError(`${damage[0]}. ${advice}`);
	return new StoreError([`${damage.length} pieces of damage:`, ...listed(damage), advice].join('\n'));
}

/**
 * Looks at what is to be stored as it will be looked at when it is read: what could not be read again is not written.
 * @throws {StoreError}
 */
export function checkStorable(value: RunRecord | ScenarioEvent): void {
	const isRecord = 'config' in value;
	const what = isRecord ? `Run ${value.id}` : `Event ${value.event.n} of ${searchWords(value)}`;
	const issue =
		issueIn(isRecord ? record : scenarioEvent, value) ??
		(isJson(value) ? undefined : { path: '', message: 'it holds a value that JSON cannot keep' });
	if (issue === undefined) return;
	throw new StoreError(
		`${what} cannot be stored${issue.path && ` because of ${issue.path}`}: ${issue.message}. ` +
			'Nothing was stored; the model or server that gave this value, or Joshtree, is at fault.'
	);
}

function issueIn(schema: v.GenericSchema, value: unknown): Issue | undefined {
	const result = v.safeParse(schema, value, { abortEarly: true });
	if (result.success) return undefined;
	const [issue] = result.issues;
	return { path: v.getDotPath(issue) ?? '', message: issue.message };
}

/** Equal for events of equal content. */
export function contentKey(event: SearchEvent): string {
	return canonicalJson(event as unknown as Json);
}

/** Two different events with one number: a bug, or two writers. */
export function conflict(id: string, one: ScenarioEvent): StoreError {
	return new StoreError(
		`Run ${id} already has another event ${one.event.n} of ${searchWords(one)}; nothing was overwritten. ` +
			'Something else writes this run, or it is not reproducible: close other windows and continue it.'
	);
}

export function noSuchRun(id: string): StoreError {
	return new StoreError(`There is no run ${id}. It may have been deleted in another window.`);
}

export function idTaken(id: string): StoreError {
	return new StoreError(`There is a run ${id} already; nothing was changed. Delete it first.`);
}

/** `scenario train-0001`, with the trial where it is not the first. */
export function searchWords({ scenario, trial }: SearchId): string {
	return `scenario ${scenario}${trial === undefined ? '' : `, trial ${trial}`}`;
}

/**
 * Where a scenario stands in a run's configuration; rows and events follow it.
 * @throws {StoreError} if it is not in it
 */
export function positionOf(
	{ id, config }: { readonly id: string; readonly config: RunLayout },
	scenario: string,
	trial = 0
): number {
	const position = positionsIn(config.scenarios).get(scenario) ?? -1;
	if (position >= 0 && trial >= (config.trials ?? 1))
		throw new StoreError(`Run ${id} has no trial ${trial} of scenario ${scenario}; nothing was stored.`);
	if (position < 0) throw new StoreError(`Run ${id} has no scenario ${scenario}; nothing was stored.`);
	return position;
}

const positions = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** Asked for with each event: in a list of thousands, looking from its beginning would be most of the work. */
function positionsIn(scenarios: readonly string[]): ReadonlyMap<string, number> {
	let found = positions.get(scenarios);
	if (!found) positions.set(scenarios, (found = new Map(scenarios.map((one, position) => [one, position]))));
	return found;
}

/** What could be read, newest first, and what could not: one damaged record must not hide the others. */
export function listing(
	readings: readonly { readonly id: string; readonly read: () => RunRecord }[]
): RunListing {
	const runs: RunRecord[] = [];
	const damaged: DamagedRun[] = [];
	for (const { id, read } of readings) {
		try {
			runs.push(read());
		} catch (error) {
			if (!(error instanceof StoreError)) throw error;
			damaged.push({ id, reason: error.message });
		}
	}
	return { runs: runs.sort(newestFirst), damaged };
}

/** The pack's hash in a record that may be damaged. */
export function packHashOf(record: unknown): string | undefined {
	const found = v.safeParse(v.object({ origin: v.object({ pack: v.object({ hash: v.string() }) }) }), record);
	return found.success ? found.output.origin.pack.hash : undefined;
}

/** Newest first; runs made in the same millisecond by id, so that the order is always the same. */
function newestFirst(a: RunRecord, b: RunRecord): number {
	return compare(b.createdAt, a.createdAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
