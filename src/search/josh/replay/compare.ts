import { parseJson } from '../../../base/json-read.ts';
import { canonicalJson, isJsonObject, writeJson, type Json } from '../../../base/json.ts';
import type { SearchEvent } from '../../events.ts';
import type { TraceCase, TraceFile } from './protocol.ts';
import { replayTrace, type Replay } from './replay.ts';

/** The first place where a replay is not as recorded. */
export interface Difference {
	readonly id: string | number;
	readonly group: string;
	/** E.g. `step 3, tree[6][1]`. */
	readonly where: string;
	readonly expected: string;
	readonly got: string;
}

/**
 * Replays one case, and once more from its events as JSON text; names the first difference. `undefined` if there is none. `tags` only
 * describe a case.
 */
export async function compareCase(trace: TraceCase): Promise<Difference | undefined> {
	const live = await replayTrace(trace.config);
	const stored = parseJson(writeJson(live.events)) as unknown as readonly SearchEvent[];
	return differenceIn(trace, live) ?? differenceIn(trace, await replayTrace(trace.config, {}, stored));
}

function differenceIn({ id, group, expect }: TraceCase, { record, tree }: Replay): Difference | undefined {
	for (const [field, expected] of Object.entries(expect)) {
		if (field === 'tags') continue;
		// The protocol leaves open which reward is final when the user raises after a collapse in the same step: that of the last
		// whole step, or that after the collapse. Either will do.
		if (field === 'final_reward' && record['error'] === 'SynthError' && expected === tree.reward) continue;
		const found = firstDifference(expected as Json, record[field], '');
		if (found) return { id, group, ...found, where: describePlace(field + found.where) };
	}
	return undefined;
}

/** The first difference of every case that has one, in order. */
export async function compareTraces(file: TraceFile): Promise<Difference[]> {
	const found: Difference[] = [];
	for (const trace of file.cases) {
		const difference = await compareCase(trace);
		if (difference) found.push(difference);
	}
	return found;
}

function firstDifference(
	expected: Json,
	got: Json | undefined,
	where: string
): { where: string; expected: string; got: string } | undefined {
	if (Array.isArray(expected) && Array.isArray(got)) {
		const shared = Math.min(expected.length, got.length);
		for (let i = 0; i < shared; i++) {
			const found = firstDifference(expected[i]!, got[i], `${where}[${i}]`);
			if (found) return found;
		}
		if (expected.length === got.length) return undefined;
		return { where: `${where}.length`, expected: String(expected.length), got: String(got.length) };
	}
	if (isJsonObject(expected) && isJsonObject(got)) {
		for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
			if (key in expected && key in got) {
				const found = firstDifference(expected[key]!, got[key], `${where}.${key}`);
				if (found) return found;
			} else {
				return { where: `${where}.${key}`, expected: text(expected[key]), got: text(got[key]) };
			}
		}
		return undefined;
	}
	return text(expected) === text(got) ? undefined : { where, expected: text(expected), got: text(got) };
}

function text(value: Json | undefined): string {
	return value === undefined ? 'nothing' : canonicalJson(value);
}

/** `steps[3].tree[0]` → `step 3, tree[0]`; steps count from 0 as in the file. */
function describePlace(place: string): string {
	return place.replace(/^steps\[(\d+)\]\.?/, 'step $1, ').replace(/, $/, '');
}
