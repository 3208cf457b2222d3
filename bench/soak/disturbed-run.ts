import type { RunConfig } from '../../src/search/run-config.ts';
import type { SearchRow } from '../../src/run/run-service.ts';
import type { ScenarioEvent } from '../../src/store/run-store.ts';
import { killBrowser } from './kill-browser.ts';
import type { Kill, KillKind } from './kills.ts';
import { SoakBrowser } from './soak-browser.ts';

export interface DisturbedRunParts {
	readonly url: string;
	readonly chromium: string;
	/** A folder that outlives the browser. */
	readonly profile: string;
	readonly workers: number;
	readonly kills: readonly Kill[];
	/** Milliseconds after which the run is paused, if the kills are over. */
	readonly duration: number;
	readonly say: (line: string) => void;
}

export interface DisturbedRun {
	readonly events: readonly ScenarioEvent[];
	/** By the summaries. */
	readonly rows: readonly SearchRow[];
	/** Kills that hit something. */
	readonly killed: Readonly<Record<KillKind, number>>;
}

/**
 * Runs a run, kills what it runs on, and resumes it, until the time is over.
 * @throws if it stops before, for a reason other than a kill, or a kill costs a step that was finished
 */
export async function disturbedRun(config: RunConfig, parts: DisturbedRunParts): Promise<DisturbedRun> {
	const { url, chromium, profile, workers, duration, say } = parts;
	const killed = { worker: 0, device: 0, browser: 0 };
	const left = [...parts.kills];
	const began = performance.now();
	const until = (at: number) => sleep(Math.max(1000, began + at - performance.now()));
	let id: string | undefined;
	/** Steps that the page had shown when the browser was killed. */
	let shown = 0;
	for (;;) {
		const browser = await SoakBrowser.open(url, chromium, profile);
		try {
			id ??= await browser.create(config);
			const kept = (await browser.events(id)).length;
			if (kept < shown) throw new Error(`of ${shown} steps before the kill ${kept} were kept`);
			let isOver = false;
			const run = browser.start(id, workers).finally(() => (isOver = true));
			run.catch(() => undefined); // a killed browser; the callers that wait for it get the error
			let isAlive = true;
			while (isAlive && left.length > 0) {
				const { at, kind } = left[0]!;
				await until(at);
				if (isOver) throw new Error(`the run stopped with ${left.length} kills to come`);
				if (kind === 'browser') {
					shown = (await browser.events(id)).length;
					killBrowser(profile);
					await browser.lost;
					isAlive = false;
				} else if (!(await browser.killEngine(kind))) continue; // none was ready; once more
				left.shift();
				killed[kind]++;
				say(`${kind} killed, ${left.length} kills to come`);
			}
			if (!isAlive) continue;
			await Promise.race([run, until(duration)]);
			if (!isOver) await browser.pause();
			await run;
			return { events: await browser.events(id), rows: await browser.rows(id), killed };
		} finally {
			await browser.close();
		}
	}
}

function sleep(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
