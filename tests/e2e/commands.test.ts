import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { origin } from '../../scripts/serving.ts';
import { runCommand, startCommand } from './support/command.ts';
import { temporaryFolder } from './support/temporary.ts';

test('an unknown flag ends a command with a message and its usage', async () => {
	const [start, demo] = await Promise.all([
		runCommand('start', ['--bogus']),
		runCommand('demo', ['--bogus'])
	]);
	for (const { code, stdout, stderr } of [start, demo]) {
		expect(stderr).toContain("Unknown option '--bogus'");
		expect(stderr).toContain('Usage: npm');
		expect(stdout).toBe('');
		expect(code).toBe(2);
	}
});

test('a folder that cannot be written is refused', async () => {
	const { code, stderr } = await runCommand('demo', ['--out', '/dev/null/here']);
	expect(stderr).toContain('--out /dev/null/here cannot be written');
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
