import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { createRun, exportedFiles, startRun, statusOf, storedSteps } from './support/runs.ts';
import { temporaryFolder } from './support/temporary.ts';

const choices = { scenarios: 1, beam: 2, seed: 3 };

test('a run whose browser was killed goes on where it was, to the same result', async () => {
	const { url } = await serve();
	const profile = await temporaryFolder();
	const before = await openPage(await openBrowser(profile), url);
	const id = await createRun(before, choices);
	const cutOff = startRun(before, id, 2).catch(() => 'cut off');
	await expect.poll(() => storedSteps(before, id), { timeout: 60_000 }).toBeGreaterThan(3);
	killBrowser(profile);
	expect(await cutOff).toBe('cut off');

	const after = await openPage(await openBrowser(profile), url);
	expect(await statusOf(after, id)).toBe('unfinished');
	expect(await storedSteps(after, id)).toBeGreaterThan(3);
	await startRun(after, id, 2);
	expect(await statusOf(after, id)).toBe('finished');

	const whole = await createRun(after, choices);
	await startRun(after, whole, 2);
	expect(await exportedFiles(after, id)).toEqual(await exportedFiles(after, whole));
});

/** As a power cut would: no chance to write anything more. */
function killBrowser(profile: string): void {
	const processes = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
	const pids = processes
		.filter((line) => line.includes(`--user-data-dir=${profile}`))
		.map((line) => parseInt(line));
	expect(pids.length).toBeGreaterThan(0);
	for (const pid of pids) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It died with another of them.
		}
	}
}
