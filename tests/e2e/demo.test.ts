import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import runDemo from '../../src/cli/demo/demo.ts';
import {
	killChildren,
	killedDemo,
	runCommand,
	startCommand,
	storedLines,
	type CommandResult
} from './support/command.ts';
import { half, pageVariant } from './support/page-variant.ts';
import { RecordingProxy } from './support/recording-proxy.ts';

const settings = ['--scenarios', '2', '--beam', '2', '--seed', '8'];
const datasets = ['sft.jsonl', 'kto.jsonl', 'dpo.jsonl', 'events.jsonl'];

/** With one worker, and all that Chromium asks for written down. */
let folder: string;
let out: string;
let proxy: RecordingProxy;
let demo: CommandResult;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'joshtree-demo-'));
	out = join(folder, 'one worker');
	proxy = await RecordingProxy.listen();
	demo = await runCommand('demo', [...settings, '--workers', '1', '--out', out], {
		CHROMIUM_PATH: await proxy.chromium(folder)
	});
});

afterAll(async () => {
	proxy.close();
	await rm(folder, { recursive: true, force: true });
});

function filesOf(folder: string): Record<string, string> {
	return Object.fromEntries(datasets.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function parsed(line: string): unknown {
	return line === '' ? undefined : JSON.parse(line);
}

describe('a demo', () => {
	test('ends with files, a table and one line of JSON', async () => {
		expect(demo.code, demo.stderr).toBe(0);
		expect(await readdir(out)).toEqual(expect.arrayContaining([...datasets, 'manifest.json']));
		const summary = JSON.parse(demo.stdout.trimEnd().split('\n').at(-1)!);
		const count = expect.any(Number);
		expect(summary).toEqual({
			scenarios: 2,
			meanReward: count,
			successRate: count,
			examples: { sft: count, kto: { true: count, false: count }, dpo: count },
			tokens: { prompt: count, completion: count },
			tokensPerSecond: count
		});
		const rows = readFileSync(join(out, 'kto.jsonl'), 'utf8').split('\n').length - 1;
		expect(rows).toBe(summary.examples.kto.true + summary.examples.kto.false);
		expect(demo.stderr).toContain('2 of 2 scenarios');
	});

	test('asks nothing of anyone but the page', () => {
		// Model, pack and WASM are fetched by workers: they must be on the list, or workers went unrecorded.
		for (const file of ['.gguf', '.wasm', '.json'])
			expect(proxy.asked).toContainEqual(expect.stringContaining(file));
		expect([...proxy.hosts]).toEqual([expect.stringMatching(/^localhost:\d+$/)]);
	});

	test('gives the same bytes with three workers', async () => {
		const other = join(folder, 'three workers');
		const { code, stderr } = await runCommand('demo', [...settings, '--workers', '3', '--out', other]);
		expect(code, stderr).toBe(0);
		expect(filesOf(other)).toEqual(filesOf(out));
	});

	test('of a model in a file, that was killed, and then its browser, goes on to the same bytes', async () => {
		const other = join(folder, 'killed');
		const file = [
			'--agent-model',
			'public/models/embedded.gguf',
			'--tools',
			'compact',
			'--max-tokens',
			'120'
		];
		await killedDemo([...settings, ...file, '--workers', '1'], other);
		expect(await readdir(other)).not.toContain('kto.jsonl');
		const before = (await storedLines(other)).length;

		const continued = startCommand('demo', [...settings, ...file, '--workers', '1', '--out', other]);
		await expect
			.poll(async () => (await storedLines(other)).length, { timeout: 60_000 })
			.toBeGreaterThan(before);
		killChildren(continued.process.pid!);
		const { code, stderr } = await continued.result;
		expect(code, stderr).toBe(0);
		expect(stderr).toMatch(/continued from [1-9]\d* steps/);
		expect(stderr).toContain('starting another browser');
		expect(filesOf(other)).toEqual(filesOf(out));
	});

	test('that is interrupted pauses, keeps what is done and says how to go on', async () => {
		const other = join(folder, 'interrupted');
		const interrupted = startCommand('demo', [...settings, '--workers', '1', '--out', other]);
		await interrupted.printed(/ [1-9]\d* steps/);
		interrupted.process.kill('SIGINT');
		const { code, stderr } = await interrupted.result;
		expect(code).toBe(130);
		expect(stderr).toContain(`npm run demo -- ${settings.join(' ')}`);
		// In the order in which they happened; for each scenario a beginning of the whole.
		const whole = readFileSync(join(out, 'events.jsonl'), 'utf8').split('\n').map(parsed);
		const stored = (await storedLines(other)).trimEnd().split('\n').map(parsed);
		expect(stored.length).toBeGreaterThan(0);
		for (const event of stored) expect(whole).toContainEqual(event);
	});

	test('that is continued with a corrupt model says so, and leaves what was done as it is', async () => {
		const other = join(folder, 'interrupted');
		const before = await storedLines(other);
		const corrupt = await pageVariant('models/embedded.gguf', half);
		vi.spyOn(process.stderr, 'write').mockReturnValue(true);
		await expect(runDemo([...settings, '--out', other], corrupt)).rejects.toThrow(/model|gguf/i);
		expect(await storedLines(other)).toBe(before);
	});

	test('with other settings leaves the folder as it is', async () => {
		const before = filesOf(out);
		const { code, stderr } = await runCommand('demo', [...settings, '--beam', '3', '--out', out]);
		expect(code).toBe(2);
		expect(stderr).toContain('--beam: 2 there, 3 here');
		expect(filesOf(out)).toEqual(before);
	});
});
