import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { compareCase, compareTraces } from '../../src/search/josh/replay/compare.ts';
import { parseTraces } from '../../src/search/josh/replay/protocol.ts';

const path = 'tests/cases/josh-traces.json';
const text = await readFile(path, 'utf8');

describe('recorded traces of the published search', async () => {
	const wideBeams = parseTraces(await readFile('tests/cases/wide-beam-traces.json', 'utf8'));
	const cases = [...parseTraces(text).cases, ...wideBeams.cases];
	it.each(cases.map((trace) => [trace.id, trace.group, trace] as const))(
		'replays case %s (%s)',
		async (_id, _group, trace) => expect(await compareCase(trace)).toBeUndefined()
	);

	it('names the first difference', async () => {
		const file = parseTraces(text);
		const changed = structuredClone(file);
		const steps = changed.cases[3]!.expect.steps as { left: string[] }[];
		steps[2]!.left = ['a0'];
		expect(await compareTraces(changed)).toEqual([
			{ id: 3, group: 'plain', where: 'step 2, left.length', expected: '1', got: expect.any(String) }
		]);
	});
});

describe('a file that is no set of traces', () => {
	it.each([
		['not JSON', '{', /not JSON/],
		['another format', text.replace('josh-trace-1', 'josh-trace-9'), /not a josh-trace-1 file: format/],
		['a damaged case', text.replace('"beam"', '"beem"'), /cases\.0\.config\.beam/],
		['other draws', text.replace('4019235728', '1'), /draw_vectors: draw\(0, 0, 0, 0\) is 4019235728 here/],
		['other hashes', text.replace('2157325143', '1'), /fnv_vectors/]
	])('%s', (_what, damaged, message) => expect(() => parseTraces(damaged)).toThrow(message));
});

describe('the replay command', { timeout: 60_000 }, () => {
	const run = promisify(execFile);
	const replay = (file: string) => run('node', ['scripts/run.js', 'replay', file]);

	it('counts what is identical', async () => {
		expect((await replay(path)).stdout.trim()).toMatch(/42 of 42 identical$/);
	});

	it('fails with a message when the file is missing', async () => {
		await expect(replay('nowhere.json')).rejects.toMatchObject({
			code: 1,
			stderr: expect.stringContaining('cannot read nowhere.json')
		});
	});
});
