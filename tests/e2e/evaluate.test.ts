import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationReport } from '../../src/evaluation/report.ts';
import { shippedModel, shippedPack } from '../../src/cli/evaluate/evaluate-options.ts';
import type { Pack } from '../../src/environment/pack-format.ts';
import { runCommand, startCommand } from './support/command.ts';
import { temporaryFolder } from './support/temporary.ts';

/** Rows without what a clock says. */
function rowsOf({ rows }: EvaluationReport): unknown {
	return rows.map((row) => ({ ...row, trials: row.trials.map(({ seconds: _, ...trial }) => trial) }));
}

/** How many conversations an evaluation has begun so far. */
async function begunIn(kept: string): Promise<number> {
	const names = await readdir(kept, { recursive: true }).catch(() => []);
	const events = names.find((name) => name.endsWith('events.jsonl'));
	const text = events ? await readFile(join(kept, events), 'utf8') : '';
	return new Set(text.match(/^\{"scenario":"[^"]+"/gm)).size;
}

function withoutClock(line: string): unknown {
	const { seconds: _, ...rest } = JSON.parse(line) as { readonly seconds?: number };
	return rest;
}

/** What was said, and the rows, when evaluations were no runs yet: the first trials, with the same pack and seed. */
async function beforeRuns(): Promise<unknown[]> {
	const text = await readFile('tests/cases/evaluation/before-runs.jsonl', 'utf8');
	return text
		.trim()
		.split('\n')
		.map(withoutClock)
		.filter((row) => (row as { readonly trial: number }).trial === 0);
}

async function read(file: string): Promise<EvaluationReport> {
	return JSON.parse(await readFile(file, 'utf8')) as EvaluationReport;
}

describe('an evaluation', () => {
	let folder: string;
	let report: string;
	let settings: string[];

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'joshtree-evaluate-'));
		report = join(folder, 'report.json');
		settings = ['--pack', await threeScenarios(folder), '--split', 'val', '--seed', '5'];
	});

	afterAll(() => rm(folder, { recursive: true, force: true }));

	test('that was interrupted goes on', async () => {
		const kept = join(folder, 'kept');
		const flags = [...settings, '--scenarios', '3', '--workers', '1', '--keep', kept, '--json', report];
		const first = startCommand('evaluate', flags);
		// One after the other: when the second has begun, the first has ended.
		await expect.poll(() => begunIn(kept), { timeout: 60_000, interval: 20 }).toBeGreaterThan(1);
		first.process.kill('SIGINT');
		const stopped = await first.result;
		expect(stopped.code, stopped.stderr).toBe(130);
		expect(stopped.stderr).toContain('npm run evaluate -- --pack');

		const second = await runCommand('evaluate', flags);
		expect(second.code, second.stderr).toBe(0);
		expect(second.stderr).toMatch(/[1-2] more are kept in/);
		const found = await read(report);
		expect(found.rows).toHaveLength(3);
		const estimate = { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
		expect(found).toMatchObject({
			successRate: estimate,
			meanReward: estimate,
			passK: [estimate],
			parsedCalls: estimate,
			endedByUser: estimate,
			tokensPerSecond: estimate
		});
	});

	test('without a break, by two workers and with the agent in a file of its own, has the same rows', async () => {
		const copy = join(folder, 'my agent.gguf');
		// One byte more behind the weights: another file that says the same.
		await copyFile(shippedModel, copy);
		await writeFile(copy, new Uint8Array(1), { flag: 'a' });
		const [kept, other] = [join(folder, 'kept'), join(folder, 'reports', 'other.json')];
		const transcripts = join(folder, 'transcripts.jsonl');
		const flags = [
			...settings,
			'--scenarios',
			'5000',
			'--workers',
			'2',
			'--model',
			copy,
			'--keep',
			kept,
			'--json',
			other
		];
		const whole = await runCommand('evaluate', [...flags, '--transcripts', transcripts, '--compare', report]);
		expect(whole.code, whole.stderr).toBe(0);
		expect(whole.stderr).not.toContain('more are kept in');
		expect(whole.stderr).toContain('5,000 scenarios were asked for; only 3 are available');
		expect(whole.stdout).toMatch(/scenarios asked for +5000/);
		expect(await read(other)).toMatchObject({ scenarios: 3, scenariosAsked: 5000 });
		expect(whole.stdout).toMatch(/difference of success +0\.0 points \(0\.0 to 0\.0\)/);
		expect(await readdir(kept)).toHaveLength(2);
		expect(rowsOf(await read(other))).toEqual(rowsOf(await read(report)));
		const lines = (await readFile(transcripts, 'utf8')).trim().split('\n');
		expect(lines.map(withoutClock)).toEqual(await beforeRuns());
		expect(JSON.parse(lines[0]!)).toMatchObject({
			scenario: 'val-0001',
			userGoals: expect.any(Array),
			messages: expect.arrayContaining([expect.objectContaining({ role: 'user' })])
		});
	});
});

/** The travel desk with no more than three scenarios, for validation. */
async function threeScenarios(folder: string): Promise<string> {
	const pack = JSON.parse(await readFile(shippedPack, 'utf8')) as Pack;
	const scenarios = pack.scenarios.filter(({ split }) => split === 'val').slice(0, 3);
	const path = join(folder, 'pack.json');
	await writeFile(path, JSON.stringify({ ...pack, scenarios }));
	return path;
}

test('what cannot be read is named', async () => {
	const folder = await temporaryFolder();
	const notes = join(folder, 'notes.gguf');
	await writeFile(notes, 'no model');
	const keep = ['--keep', join(folder, 'kept'), '--scenarios', '1'];
	for (const [args, code, complaint] of [
		[['--model', 'missing.gguf'], 2, '--model missing.gguf cannot be read: there is no such file.'],
		[['--model', notes], 1, 'GGUF'],
		[['--pack', notes], 2, notes],
		[['--compare', notes], 2, 'is not a report of an evaluation'],
		[['--pack', await threeScenarios(folder)], 2, 'The test split of "travel" has no scenarios'],
		[['--scenarios', '1e9'], 2, '--scenarios takes a whole number from 1 to 100000, not "1e9"']
	] as const) {
		const result = await runCommand('evaluate', [...keep, ...args]);
		expect(result.stderr).toContain(complaint);
		expect(result.code).toBe(code);
	}
});
