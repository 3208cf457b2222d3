import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { origin } from '../../scripts/serving.ts';
import { runCommand, startCommand } from './support/command.ts';
import { temporaryFolder } from './support/temporary.ts';

test.each([
	[['--bogus'], "Unknown option '--bogus'"],
	[['extra'], "Unexpected argument 'extra'"],
	[['--beam', '0'], '--beam takes 1 to'],
	[['--scenarios', '1.5'], '--scenarios takes a whole number'],
	[['--split', 'all'], '--split takes train, val, test'],
	[['--temperature', 'warm'], '--temperature takes a number'],
	[['--out', '/dev/null/here'], '--out /dev/null/here cannot be written']
])('demo %j is refused', async (flags, complaint) => {
	const { code, stdout, stderr } = await runCommand('demo', flags);
	expect(stderr).toContain(complaint);
	expect(stdout).toBe('');
	expect(code).toBe(2);
});

test('demo refuses more scenarios than there are', async () => {
	const out = join(await temporaryFolder(), 'out');
	const { code, stderr } = await runCommand('demo', ['--scenarios', '99999', '--out', out]);
	expect(stderr).toMatch(/The train split .* has \d+ scenarios, not 99999/);
	expect(code).toBe(2);
});

test('start and demo explain themselves', async () => {
	const [start, demo] = await Promise.all([runCommand('start', ['--help']), runCommand('demo', ['--help'])]);
	expect(start).toMatchObject({ code: 0, stdout: expect.stringContaining('npm start') });
	expect(demo).toMatchObject({ code: 0, stdout: expect.stringContaining('--user-temperature') });
});

test('start serves at the one origin, says when the port is in use, and ends on Ctrl-C', async () => {
	const first = startCommand('start', []);
	await first.printed(/is at http:\/\/localhost:4173/);
	expect((await fetch(origin.url)).status).toBe(200);

	const second = await runCommand('start', []);
	expect(second.code).toBe(1);
	expect(second.stderr).toContain('port 4173 is in use');
	expect(second.stderr).toContain('another database');
	expect((await fetch(origin.url)).status).toBe(200);

	first.process.kill('SIGINT');
	expect((await first.result).code).toBe(0);
	await expect(fetch(origin.url)).rejects.toThrow();
});

test('start gives way to a stranger on its port', async () => {
	const stranger = createServer().listen(origin.port, origin.host);
	onTestFinished(() => void stranger.close());
	const { code, stderr } = await runCommand('start', []);
	expect(code).toBe(1);
	expect(stderr).toContain('port 4173 is in use');
});

test('CHROMIUM_PATH that names no file is refused, not replaced', async () => {
	const { code, stderr } = await runCommand('prepare-tests', [], { CHROMIUM_PATH: '/no/such/chromium' });
	expect(code).toBe(1);
	expect(stderr).toContain('CHROMIUM_PATH is /no/such/chromium');
});

test('without any Chromium, and without a way to install one, it says what was tried and what to do', async () => {
	const nowhere = await temporaryFolder();
	const { code, stderr } = await runCommand('prepare-tests', [], {
		CHROMIUM_PATH: undefined,
		PATH: nowhere,
		PLAYWRIGHT_BROWSERS_PATH: nowhere,
		// The discard port: nothing can be downloaded from there.
		PLAYWRIGHT_DOWNLOAD_HOST: 'http://127.0.0.1:9'
	});
	expect(code).toBe(1);
	expect(stderr).toContain('could not be installed');
	expect(stderr).toContain('playwright-core install chromium (exit code');
	expect(stderr).toContain('CHROMIUM_PATH');
});
