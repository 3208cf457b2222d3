import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { chromiumArgs } from '../../scripts/chromium.ts';
import '../../src/app/automation-api.ts';
import type { RunConfig } from '../../src/search/run-config.ts';
import type { SearchRow } from '../../src/run/run-service.ts';
import type { ScenarioEvent } from '../../src/store/run-store.ts';
import type { KillOrder } from './mortal-engine.worker.ts';

/** Milliseconds within which an engine takes an order. */
const patience = 5000;

/** The page in a Chromium whose profile outlives it. After a kill every call rejects. */
export class SoakBrowser {
	readonly #context: BrowserContext;
	readonly #page: Page;
	/** The browser is gone. */
	readonly lost: Promise<void>;

	private constructor(context: BrowserContext, page: Page) {
		this.#context = context;
		this.#page = page;
		this.lost = new Promise((resolve) => {
			context.once('close', () => resolve());
			page.once('crash', () => resolve());
		});
	}

	static async open(url: string, executablePath: string, profile: string): Promise<SoakBrowser> {
		const context = await chromium.launchPersistentContext(profile, { executablePath, args: chromiumArgs });
		const page = await context.newPage();
		await page.goto(url);
		await page.waitForFunction(() => globalThis.joshtree !== undefined);
		await page.evaluate(() => globalThis.joshtree!.ready);
		return new SoakBrowser(context, page);
	}

	/** @returns the run's id */
	create(config: RunConfig): Promise<string> {
		return this.#page.evaluate(
			async (config) => (await globalThis.joshtree!.service.create(JSON.parse(config))).id,
			JSON.stringify(config)
		);
	}

	/** Resolves when the run is finished, paused or failed. */
	start(id: string, workers: number): Promise<void> {
		return this.#page.evaluate(({ id, workers }) => globalThis.joshtree!.service.start(id, { workers }), {
			id,
			workers
		});
	}

	pause(): Promise<void> {
		return this.#page.evaluate(() => globalThis.joshtree!.service.pause());
	}

	async events(id: string): Promise<ScenarioEvent[]> {
		return JSON.parse(
			await this.#page.evaluate(
				async (id) => JSON.stringify(await globalThis.joshtree!.service.events(id)),
				id
			)
		) as ScenarioEvent[];
	}

	/** How searches stand, by the summaries that were stored as they ended. */
	async rows(id: string): Promise<readonly SearchRow[]> {
		return this.#page.evaluate((id) => globalThis.joshtree!.service.rows(id), id);
	}

	/** @returns whether there was an engine to be killed */
	killEngine(kind: KillOrder['kind']): Promise<boolean> {
		return this.#page.evaluate(
			async ({ kind, patience }) => {
				const ticket = crypto.randomUUID();
				const channel = new BroadcastChannel('joshtree soak');
				try {
					return await new Promise<boolean>((resolve) => {
						channel.onmessage = ({ data }) => resolve((data as { taken?: string }).taken === ticket);
						setTimeout(() => resolve(false), patience);
						channel.postMessage({ kind, ticket });
					});
				} finally {
					channel.close();
				}
			},
			{ kind, patience }
		);
	}

	async close(): Promise<void> {
		await this.#context.close().catch(() => undefined);
	}
}
