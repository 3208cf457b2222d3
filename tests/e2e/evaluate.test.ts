import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EvaluationReport } from '../../src/evaluation/report.ts';
import { shippedModel, shippedPack } from '../../src/cli/evaluate-options.ts';
import type { Pack } from '../../src/environment/pack.ts';
import { runCommand, startCommand } from './support/command.ts';
import { temporaryFolder } from './support/temporary.ts';

const settings = ['--split', 'val', '--scenarios', '3', '--seed', '5', '--workers', '1'];

/** Rows without what a clock says. */
function rowsOf({ rows }: EvaluationReport): unknown {
	return rows.map((row) => ({ ...row, trials: row.trials.map(({ seconds: _, ...trial }) => trial) }));
}

async function read(file: string): Promise<EvaluationReport> {
	return JSON.parse(await readFile(file, 'utf8')) as EvaluationReport;
}

test('an evaluation that was interrupted goes on, to the rows of one that was not', async () => {
	const folder = await temporaryFolder();
	const [cut, whole] = [join(folder, 'cut.json'), join(folder, 'reports', 'whole.json')];
	const first = startCommand('evaluate', [...settings, '--keep', join(folder, 'a'), '--json', cut]);
	const [kept] = await expect
		.poll(async () => readdir(join(folder, 'a')).catch(() => []), { timeout: 60_000 })
		.toHaveLength(1)
		.then(() => readdir(join(folder, 'a')));
	const journal = join(folder, 'a', kept!, 'trials.jsonl');
	await expect.poll(() => readFile(journal, 'utf8').catch(() => ''), { timeout: 60_000 }).toContain('\n');
	first.process.kill('SIGINT');
	const stopped = await first.result;
	expect(stopped.code, stopped.stderr).toBe(130);
	expect(stopped.stderr).toContain('npm run evaluate -- --split val');

	const second = await runCommand('evaluate', [...settings, '--keep', join(folder, 'a'), '--json', cut]);
	expect(second.code, second.stderr).toBe(0);
	expect(second.stderr).toMatch(/[1-2] more are kept in/);
	const transcripts = join(folder, 'transcripts.jsonl');
	const other = [
		...settings.slice(0, -1),
		'2',
		'--keep',
		join(folder, 'b'),
		'--json',
		whole,
		'--transcripts',
		transcripts
	];
	const third = await runCommand('evaluate', [...other, '--compare', cut]);
	expect(third.code, third.stderr).toBe(0);
	expect(third.stdout).toMatch(/difference of success +0\.0 points \(0\.0 to 0\.0\)/);

	const [a, b] = [await read(cut), await read(whole)];
	expect(rowsOf(b)).toEqual(rowsOf(a));
	expect(a.rows).toHaveLength(3);
	const [line] = (await readFile(transcripts, 'utf8')).split('\n');
	expect(JSON.parse(line!)).toMatchObject({
		scenario: 'val-0001',
		userGoals: expect.any(Array),
		messages: expect.arrayContaining([expect.objectContaining({ role: 'user' })])
	});
	const estimate = { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
	expect(a).toMatchObject({
		successRate: estimate,
		meanReward: estimate,
		passK: [estimate],
		parsedCalls: estimate,
		endedByUser: estimate,
		tokensPerSecond: estimate
	});
});

test('agent and user may be two files', async () => {
	const folder = await temporaryFolder();
	const [same, two] = [join(folder, 'same.json'), join(folder, 'two.json')];
	const copy = join(folder, 'my agent.gguf');
	// One byte more behind the weights: another file that says the same.
	await copyFile(shippedModel, copy);
	await writeFile(copy, new Uint8Array(1), { flag: 'a' });
	const pack = await twoScenarios(folder);
	const few = ['--pack', pack, '--split', 'val', '--workers', '2', '--keep', join(folder, 'kept')];
	for (const more of [
		['--json', same],
		['--json', two, '--model', copy, '--scenarios', '5000']
	]) {
		const { code, stdout, stderr } = await runCommand('evaluate', [...few, ...more]);
		expect(code, stderr).toBe(0);
		const isMore = more.includes('5000');
		expect(stderr.includes('5,000 scenarios were asked for; only 2 are available')).toBe(isMore);
		expect(/scenarios asked for +5000/.test(stdout)).toBe(isMore);
	}
	expect(await read(two)).toMatchObject({ scenarios: 2, scenariosAsked: 5000 });
	expect(rowsOf(await read(two))).toEqual(rowsOf(await read(same)));
	expect(await readdir(join(folder, 'kept'))).toHaveLength(2);
});

/** The travel desk with no more than two scenarios, for validation. */
async function twoScenarios(folder: string): Promise<string> {
	const pack = JSON.parse(await readFile(shippedPack, 'utf8')) as Pack;
	const scenarios = pack.scenarios.filter(({ split }) => split === 'val').slice(0, 2);
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
		[['--compare', notes], 2, 'is no report of an evaluation'],
		[['--pack', await twoScenarios(folder)], 2, 'The test split of "travel" has no scenarios'],
		[['--scenarios', '1e9'], 2, '--scenarios takes a whole number from 1 to 100000, not "1e9"']
	] as const) {
		const result = await runCommand('evaluate', [...keep, ...args]);
		expect(result.stderr).toContain(complaint);
		expect(result.code).toBe(code);
	}
});
