import { readFile } from 'node:fs/promises';
import { compareTraces } from '../../search/josh/replay/compare.ts';
import { parseTraces, TraceFileError } from '../../search/josh/replay/protocol.ts';

/**
 * `npm run replay -- FILE`: replays recorded traces of the published JOSH.
 *
 * @returns the exit code: 1 if any differs
 */
export default async function replay([path]: readonly string[]): Promise<number> {
	if (path === undefined) {
		console.error('usage: npm run replay -- FILE');
		return 1;
	}
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		console.error(`cannot read ${path}: ${(error as Error).message}`);
		return 1;
	}
	try {
		const file = parseTraces(text);
		const differences = await compareTraces(file);
		for (const { id, group, where, expected, got } of differences)
			console.log(
				`case ${id} (${group}) differs at ${where}: expected ${short(expected)}, got ${short(got)}`
			);
		console.log(`${file.cases.length - differences.length} of ${file.cases.length} identical`);
		return differences.length > 0 ? 1 : 0;
	} catch (error) {
		if (!(error instanceof TraceFileError)) throw error;
		console.error(`${path}: ${error.message}`);
		return 1;
	}
}

function short(value: string): string {
	return value.length > 300 ? `${value.slice(0, 300)}…` : value;
}
