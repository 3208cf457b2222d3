import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { createRun, exportedFiles, startRun, statusOf, storedSteps } from './support/runs.ts';
import { temporaryFolder } from './support/temporary.ts';

const choices = { scenarios: 1, beam: 2, seed: 3 };

test('a run whose browser was killed, then paused, and that then finds the disk full, goes on to the same result', async () => {
	const { url } = await serve();
	const profile = await temporaryFolder();
	const before = await openPage(await openBrowser(profile), url);
	const id = await createRun(before, choices);
	const cutOff = startRun(before, id, 2).catch(() => 'cut off');
	await expect.poll(() => storedSteps(before, id), { timeout: 60_000 }).toBeGreaterThan(3);
	killBrowser(profile);
	expect(await cutOff).toBe('cut off');

	const roomy = await openBrowser(profile);
	const again = await openPage(roomy, url);
	expect(await statusOf(again, id)).toBe('unfinished');
	const kept = await storedSteps(again, id);
	expect(kept).toBeGreaterThan(3);
	const paused = startRun(again, id, 2);
	await expect.poll(() => storedSteps(again, id), { timeout: 60_000 }).toBeGreaterThan(kept);
	await again.evaluate(() => globalThis.joshtree!.service.pause());
	await paused;
	expect(await statusOf(again, id)).toBe('unfinished');
	const steps = await storedSteps(again, id);
	await roomy.close();

	// Each time another browser: Chromium remembers for half a minute how much room a database had.
	const full = await openBrowser(profile);
	const devtools = await full.newCDPSession(full.pages()[0]!);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 1 });
	const page = await openPage(full, `${url}/#run=${id}`);
	await startRun(page, id, 1);
	await page.getByText(/The run stopped:[^]*no room left/).waitFor();
	expect(await statusOf(page, id)).toBe('unfinished');
	expect(await storedSteps(page, id)).toBe(steps);
	await full.close();

	const after = await openPage(await openBrowser(profile), url);
	await startRun(after, id, 2);
	expect(await statusOf(after, id)).toBe('finished');
	const whole = await createRun(after, choices);
	await startRun(after, whole, 1);
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
