import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from '../../scripts/chromium.ts';
import { readFlags } from '../../scripts/flags.ts';
import { say } from '../../scripts/say.js';
import { servePage } from '../../scripts/serve-page.ts';
import { integer } from '../../src/cli/flag-values.ts';
import { loadEnvironment } from '../../src/environment/pack-environment.ts';
import { createRunConfig, defaultWorkers, firstScenarios } from '../../src/run/config.ts';
import type { RunConfig } from '../../src/search/run-config.ts';
import { compareRuns, type ComparedRun } from './compare.ts';
import { disturbedRun } from './disturbed-run.ts';
import { killKinds, plannedKills } from './kills.ts';
import { buildMortalPage } from './mortal-page.ts';
import { SoakBrowser } from './soak-browser.ts';

const usage = `Usage: npm run soak -- [flags]

Searches in the page while it kills workers, devices and the browser at random; then searches the same undisturbed and compares.
The second search takes about as long as the first.

  --minutes N  how long it is disturbed (default 10)
  --kills N    how often (default 20)
  --seed N     of run and kills (default 1)
  --beam N     open leaves of a search (default 4)
  --workers N  engines side by side (default: cores less one)
  --help       this text

The exit code is 0 if nothing was lost and nothing differs, else 1.`;

/** `npm run soak`. @returns the exit code */
export default async function soak(args: readonly string[]): Promise<number> {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{ minutes: text, kills: text, seed: text, beam: text, workers: text, help: { type: 'boolean' } },
		usage
	);
	if (flags.help) {
		console.log(usage);
		return 0;
	}
	const minutes = integer('--minutes', flags.minutes ?? 10, 1, 100_000);
	const kills = integer('--kills', flags.kills ?? 20, 0, 100_000);
	const seed = integer('--seed', flags.seed ?? 1, 0, 2 ** 32 - 1);
	const beam = integer('--beam', flags.beam ?? 4, 1, 64);
	const workers = integer('--workers', flags.workers ?? defaultWorkers(cpus().length), 1, 64);

	const chromium = ensureChromium();
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-soak-'));
	say('building a page whose engines can be killed');
	await buildMortalPage(join(folder, 'page'));
	const served = await servePage(join(folder, 'page'), 0);
	try {
		const pack = await readFile(new URL('../../public/packs/travel.json', import.meta.url), 'utf8');
		const environment = await loadEnvironment(pack);
		const all = environment.scenarios.filter(({ split }) => split === 'train').length;
		const config = createRunConfig({
			...firstScenarios(environment, 'train', all),
			strategy: { kind: 'josh', beam },
			seed
		});
		const duration = minutes * 60_000;
		say(`searching for ${minutes} minutes with ${workers} workers and ${kills} kills`);
		const { events, rows, killed } = await disturbedRun(config, {
			url: served.url,
			chromium,
			profile: join(folder, 'profile'),
			workers,
			kills: plannedKills(seed, kills, duration),
			duration,
			say
		});
		const begun = new Set(events.map(({ scenario }) => scenario));
		say(`searching the same ${begun.size} scenarios undisturbed`);
		const undisturbed = await undisturbedRun(
			{ ...config, scenarios: config.scenarios.filter((id) => begun.has(id)) },
			{ url: served.url, chromium, profile: join(folder, 'other profile'), workers }
		);
		const { finished, unfinished, steps, differences } = compareRuns(
			environment,
			config,
			{ events, rows },
			undisturbed
		);
		console.log(
			[
				`kills: ${killKinds.map((kind) => `${killed[kind]} ${kind}`).join(', ')}`,
				`compared: ${finished} finished and ${unfinished} begun trees, ${steps} steps`,
				...differences,
				differences.length === 0
					? 'Nothing was lost, nothing differs.'
					: `${differences.length} trees differ.`
			].join('\n')
		);
		console.log(
			JSON.stringify({ minutes, seed, beam, workers, killed, finished, unfinished, steps, differences })
		);
		return differences.length === 0 ? 0 : 1;
	} finally {
		await served.close();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
}

async function undisturbedRun(
	config: RunConfig,
	parts: {
		readonly url: string;
		readonly chromium: string;
		readonly profile: string;
		readonly workers: number;
	}
): Promise<ComparedRun> {
	const browser = await SoakBrowser.open(parts.url, parts.chromium, parts.profile);
	try {
		const id = await browser.create(config);
		await browser.start(id, parts.workers);
		return { events: await browser.events(id), rows: await browser.rows(id) };
	} finally {
		await browser.close();
	}
}
