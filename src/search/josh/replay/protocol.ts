import * as v from 'valibot';
import { fnv1a32 } from '../../../base/hash.ts';
import { draw } from './draw.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const perMille = v.pipe(count, v.maxValue(1000));

const configSchema = v.object({
	seed: count,
	beam: positive,
	tries: positive,
	max_steps: positive,
	rewards: v.array(v.string()),
	alphabet: positive,
	max_actions: count,
	agent_raise_pm: perMille,
	agent_none_pm: perMille,
	tool_pm: perMille,
	user_raise_pm: perMille,
	user_end_pm: perMille,
	max_user_msgs: count,
	opening: v.array(v.string()),
	content: v.picklist(['unique', 'coarse', 'constant']),
	error_mode: v.picklist(['messages_only', 'both', 'both_reset'])
});

const traceFileSchema = v.object({
	format: v.literal('josh-trace-1'),
	draw_vectors: v.array(v.strictTuple([count, count, count, count, count])),
	fnv_vectors: v.array(v.strictTuple([v.string(), count])),
	cases: v.array(
		v.object({
			id: v.union([v.string(), v.number()]),
			group: v.string(),
			config: configSchema,
			// Compared value by value with what the replay gives.
			expect: v.looseObject({ steps: v.array(v.unknown()) })
		})
	)
});

/** How one recorded search was set up. `_pm`: per mille. */
export type TraceConfig = v.InferOutput<typeof configSchema>;

/** Recorded searches of the paper's code, and vectors that show whether the synthetic participants draw alike. */
export type TraceFile = v.InferOutput<typeof traceFileSchema>;

export type TraceCase = TraceFile['cases'][number];

/** The file cannot be replayed; the message says why. */
export class TraceFileError extends Error {
	override readonly name = 'TraceFileError';
}

/** Reads a trace file. Throws a `TraceFileError` if it is not JSON, of another format, or hashes differ here. */
export function parseTraces(text: string): TraceFile {
	let data: unknown;
	try {
		data = JSON.parse(text);
	} catch (cause) {
		throw new TraceFileError(`not JSON: ${(cause as Error).message}`, { cause });
	}
	const parsed = v.safeParse(traceFileSchema, data);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw new TraceFileError(
			`not a josh-trace-1 file: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`
		);
	}
	const file = parsed.output;
	for (const [seed, stream, index, slot, expected] of file.draw_vectors) {
		const got = draw(seed, stream, index, slot);
		if (got !== expected)
			throw new TraceFileError(
				`draw_vectors: draw(${seed}, ${stream}, ${index}, ${slot}) is ${got} here, ${expected} in the file`
			);
	}
	for (const [of, expected] of file.fnv_vectors) {
		const got = fnv1a32(of);
		if (got !== expected)
			throw new TraceFileError(
				`fnv_vectors: ${JSON.stringify(of)} hashes to ${got} here, ${expected} in the file`
			);
	}
	return file;
}
