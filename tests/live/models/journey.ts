import { basename } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { parseJson } from '../../../src/base/json-read.ts';
import { chromiumArgs, ensureChromium } from '../../../scripts/chromium.ts';
import { ensurePage } from '../../../scripts/page-build.ts';
import { servePage } from '../../../scripts/serve-page.ts';
import type { HarvestSummary } from '../../../src/run/dataset-service.ts';
import type { RunRecord, ScenarioEvent } from '../../../src/store/run-store.ts';

export interface JourneyOptions {
	/** The path of a GGUF file. */
	readonly model: string;
	readonly scenarios: number;
	readonly beam: number;
	/** Agent turns of a conversation at the most. */
	readonly turns: number;
	/** Tokens of a message at the most. */
	readonly maxTokens: number;
	/** Milliseconds for the run. */
	readonly limit: number;
	/** Told what is being done. */
	readonly tell: (what: string) => void;
}

/** What a user would see at the end, and what the page has stored. */
export interface Journey {
	/** Seconds until the engine had answered its first token. */
	readonly loaded: number;
	/** What the model page says of the loaded model. */
	readonly found: string;
	readonly record: RunRecord;
	readonly events: readonly ScenarioEvent[];
	readonly summary: HarvestSummary;
	/** The report on the dataset, as the page shows it. */
	readonly report: string;
	/** What the page complained of: alerts, and errors in scripts. */
	readonly complaints: readonly string[];
}

/** The way of a user who brings a model: add its file, load it, run a few scenarios, check the dataset for the model's own template. */
export async function journey(options: JourneyOptions): Promise<Journey> {
	const { model, tell } = options;
	const { url, close } = await servePage(ensurePage(), 0);
	// With a profile, as a user's browser has one: model files are kept in it.
	const browser = await chromium.launchPersistentContext('', {
		executablePath: ensureChromium(),
		args: chromiumArgs
	});
	try {
		const page = await browser.newPage();
		page.setDefaultTimeout(60_000);
		const complaints: string[] = [];
		page.on('pageerror', ({ message }) => complaints.push(message));
		await page.goto(`${url}/#models`);
		await page.waitForFunction(() => globalThis.joshtree !== undefined);
		await page.evaluate(() => globalThis.joshtree!.ready);
		tell(`adding ${basename(model)} to the page`);
		await page.setInputFiles('input[type=file]', model);
		const group = page.getByRole('group', { name: /^Use (?!Embedded model)/ });
		await group.getByRole('button', { name: 'Use for both' }).click();
		tell('loading it');
		const begun = performance.now();
		await page.getByRole('button', { name: 'Load now' }).click();
		const outcome = page.getByText(/^Loaded;/).or(page.getByRole('alert'));
		await outcome.first().waitFor({ timeout: options.limit });
		const loaded = (performance.now() - begun) / 1000;
		complaints.push(...(await alertsOf(page)));
		if (complaints.length > 0) throw new Error(`the model could not be loaded: ${complaints.join('; ')}`);
		const found = await page.locator('.chosen dd').first().innerText();

		tell('running');
		const id = await startRun(page, options);
		complaints.push(...(await untilOver(page, id, options)));

		tell('checking the dataset');
		await page.getByText(/^Checked for:/).click();
		const dataset = page.getByRole('region', { name: 'Dataset for a trainer' });
		await dataset.locator('input[type=file]').setInputFiles(model);
		await dataset.getByRole('button', { name: 'Check the rows' }).click();
		const report = dataset.locator('.report');
		await report.or(dataset.getByRole('alert')).first().waitFor();
		complaints.push(...(await alertsOf(page)));
		return {
			loaded,
			found,
			...(await stored(page, id)),
			report: await report.innerText(),
			complaints
		};
	} finally {
		await browser.close();
		await close();
	}
}

async function startRun(page: Page, { scenarios, beam, turns, maxTokens }: JourneyOptions): Promise<string> {
	await page.getByRole('link', { name: '← Runs' }).click();
	await page.getByLabel('How many').fill(String(scenarios));
	await page.getByLabel('Beam').fill(String(beam));
	await page.getByLabel('Turn limit').fill(String(turns));
	await page.getByLabel('Longest message').fill(String(maxTokens));
	await page.getByRole('button', { name: `Start with ${scenarios} scenario` }).click();
	await page.waitForURL(/#run=/);
	return page.url().split('#run=')[1]!;
}

/** Waits for the end of a run. @returns what the page says went wrong */
async function untilOver(
	page: Page,
	id: string,
	{ limit, tell }: Pick<JourneyOptions, 'limit' | 'tell'>
): Promise<string[]> {
	const stopped = page.getByText(/^The run stopped:/);
	let told = 0;
	for (const end = Date.now() + limit; Date.now() < end;) {
		const { status, steps } = await page.evaluate(async (id) => {
			const { service } = globalThis.joshtree!;
			const runs = await service.list();
			return {
				status: runs.find((run) => run.id === id)?.status,
				steps: (await service.events(id)).length
			};
		}, id);
		if (status === 'finished') return alertsOf(page);
		if (await stopped.isVisible()) return [...(await stopped.allInnerTexts()), ...(await alertsOf(page))];
		if (steps >= told + 5) tell(`${(told = steps)} steps`);
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
	return [`the run was not over after ${limit / 60_000} minutes`];
}

function alertsOf(page: Page): Promise<string[]> {
	return page.getByRole('alert').allInnerTexts();
}

async function stored(page: Page, id: string): Promise<Pick<Journey, 'record' | 'events' | 'summary'>> {
	const text = await page.evaluate(async (id) => {
		const { service, json } = globalThis.joshtree!;
		const record = (await service.list()).find((run) => run.id === id)!;
		const { summary } = await service.datasets.export(id);
		return json.write({ record, events: await service.events(id), summary });
	}, id);
	return parseJson(text) as unknown as Pick<Journey, 'record' | 'events' | 'summary'>;
}
