import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { parseJson } from '../base/json-read.ts';
import { writeJson } from '../base/json.ts';
import { chromiumArgs } from '../../scripts/chromium.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { KeptModel } from '../models/wllama/kept-models.ts';
import type {
	EnvironmentSummary,
	RunService,
	RunUpdate,
	SearchRow,
	StartOptions
} from '../run/run-service.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { RunRecord, ScenarioEvent } from '../store/run-store.ts';

/** The browser is gone, or its page: what it was doing can be done again in another. */
export class BrowserLostError extends Error {
	override readonly name = 'BrowserLostError';
}

/** Updates that matter to someone without a screen. */
export type HeadlessUpdate = Exclude<RunUpdate, { type: 'text' }>;

/** One message of the DevTools protocol should not hold a whole overnight run. */
const chunkSize = 4 * 2 ** 20;

/**
 * The built page in a Chromium of its own, with a fresh profile, and its `RunService` as seen from Node. Every method
 * rejects with a `BrowserLostError` once the browser or the page has died.
 */
export class PageService {
	readonly #context: BrowserContext;
	readonly #page: Page;
	readonly #lost: Promise<never>;

	private constructor(context: BrowserContext, page: Page) {
		this.#context = context;
		this.#page = page;
		this.#lost = new Promise((_resolve, reject) => {
			const lose = (what: string) => () => reject(new BrowserLostError(`${what} ended unexpectedly`));
			page.once('crash', lose("Chromium's page"));
			context.once('close', lose('Chromium'));
		});
		this.#lost.catch(() => undefined);
	}

	/** @throws with what the page said, if it could not start (a broken pack, a missing file) */
	static async open(url: string, executablePath: string): Promise<PageService> {
		const context = await chromium.launchPersistentContext('', {
			executablePath,
			args: chromiumArgs,
			// The page would keep itself for work without a network, all 25 MB, in a profile that goes with the browser.
			serviceWorkers: 'block',
			// A signal pauses the run first; the caller closes.
			handleSIGINT: false,
			handleSIGTERM: false,
			handleSIGHUP: false
		});
		const page = context.pages()[0] ?? (await context.newPage());
		const service = new PageService(context, page);
		try {
			await service.#load(url);
		} catch (error) {
			await service.close();
			throw error;
		}
		return service;
	}

	async #load(url: string): Promise<void> {
		const complaints: string[] = [];
		this.#page.on('pageerror', (error) => complaints.push(error.message));
		const response = await this.#orLost(this.#page.goto(url));
		if (!response?.ok()) throw new Error(`${url} answers ${response?.status()}`);
		try {
			await this.#orLost(this.#page.waitForFunction(() => globalThis.joshtree !== undefined));
			await this.#orLost(this.#page.evaluate(() => globalThis.joshtree!.ready));
		} catch (error) {
			throw new Error(['the page did not start', plainMessage(error), ...complaints].join(': '), {
				cause: error
			});
		}
	}

	environment(): Promise<EnvironmentSummary> {
		return this.#call('environment');
	}

	get(id: string): Promise<RunRecord> {
		return this.#call('get', id);
	}

	/** @param pack JSON text of an environment other than the page's own */
	async create(config: RunConfig, models: RoleModels<ModelSource>, pack?: string): Promise<RunRecord> {
		const record = await this.#orLost(
			this.#page.evaluate(
				async ({ text, pack }) => {
					const { service, json } = globalThis.joshtree!;
					const [config, models] = json.parse(text) as unknown as Parameters<RunService['create']>;
					return json.write(await service.create(config, models, pack === undefined ? undefined : { pack }));
				},
				{ text: writeJson([config, models]), pack }
			)
		);
		return parseJson(record) as unknown as RunRecord;
	}

	pack(id: string): Promise<string> {
		return this.#call('pack', id);
	}

	async start(id: string, options: StartOptions): Promise<void> {
		await this.#orLost(
			this.#page.evaluate(
				({ id, options }) => {
					const { service, json } = globalThis.joshtree!;
					return service.start(id, json.parse(options) as unknown as StartOptions);
				},
				{ id, options: writeJson(options) }
			)
		);
	}

	async useKey(address: string, key: string): Promise<void> {
		await this.#orLost(
			this.#page.evaluate(([address, key]) => globalThis.joshtree!.service.models.useKey(address, key), [
				address,
				key
			] as const)
		);
	}

	/**
	 * Copies a model into the page's storage, as a user would who drops its files.
	 * @param paths of this machine: all parts of a split model
	 * @throws with what is wrong with them, or that there is no room
	 */
	async keep(paths: readonly string[]): Promise<KeptModel> {
		const input = await this.#orLost(
			this.#page.evaluateHandle(() =>
				Object.assign(document.createElement('input'), { type: 'file', multiple: true })
			)
		);
		try {
			await this.#orLost(input.setInputFiles([...paths]));
			return await this.#orLost(input.evaluate(({ files }) => globalThis.joshtree!.kept.keep([...files!])));
		} finally {
			await input.dispose().catch(() => undefined);
		}
	}

	/** Why models cannot be run on a graphics device here; `undefined` if they can. */
	webGpuProblem(): Promise<string | undefined> {
		return this.#orLost(
			this.#page.evaluate(async () => {
				// TypeScript's own types do not know it yet.
				const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
				if (!gpu) return 'this Chromium has no WebGPU';
				try {
					return (await gpu.requestAdapter()) ? undefined : 'WebGPU finds no graphics device';
				} catch (error) {
					return `WebGPU failed: ${error instanceof Error ? error.message : String(error)}`;
				}
			})
		);
	}

	pause(): Promise<void> {
		return this.#call('pause');
	}

	/** How far each search has got. */
	rows(id: string): Promise<readonly SearchRow[]> {
		return this.#call('rows', id);
	}

	/** Of one scenario, ordered by trial, then by number. */
	async events(id: string, scenario: string): Promise<ScenarioEvent[]> {
		const text = await this.#orLost(
			this.#page.evaluate(
				async ([id, scenario]) => {
					const { service, json } = globalThis.joshtree!;
					return json.write(await service.events(id, scenario));
				},
				[id, scenario] as const
			)
		);
		return parseJson(text) as unknown as ScenarioEvent[];
	}

	/** Forgets a run. */
	delete(id: string): Promise<void> {
		return this.#call('delete', id);
	}

	/** Brings a run and its history into the page's database. */
	async import(record: RunRecord, events: readonly ScenarioEvent[], pack?: string): Promise<void> {
		const staged = await this.#orLost(this.#page.evaluateHandle(() => [] as string[]));
		for (const text of inChunks(events.map((event) => writeJson(event)))) {
			await this.#orLost(staged.evaluate((list, chunk) => void list.push(chunk), text));
		}
		await this.#orLost(
			this.#page.evaluate(
				({ record, staged, pack }) =>
					globalThis.joshtree!.service.import(
						globalThis.joshtree!.json.parse(record) as unknown as RunRecord,
						staged.flatMap((text) => globalThis.joshtree!.json.parse(text) as unknown as ScenarioEvent[]),
						pack
					),
				{ record: writeJson(record), staged, pack }
			)
		);
		await staged.dispose();
	}

	/** Once a page: `onUpdate` is called in order. */
	async watch(id: string, onUpdate: (update: HeadlessUpdate) => void): Promise<void> {
		await this.#orLost(
			this.#page.exposeFunction('joshtreeReport', (update: string) =>
				onUpdate(parseJson(update) as unknown as HeadlessUpdate)
			)
		);
		await this.#orLost(
			this.#page.evaluate(async (id) => {
				// What ends it cannot leave the page.
				await globalThis.joshtree!.service.watch(id, (update) => {
					if (update.type === 'text') return;
					(globalThis as unknown as { joshtreeReport(update: string): void }).joshtreeReport(
						globalThis.joshtree!.json.write(update)
					);
				});
			}, id)
		);
	}

	/** Ends the browser and removes its profile. */
	async close(): Promise<void> {
		await this.#context.close().catch(() => undefined);
	}

	async #call<Method extends 'environment' | 'get' | 'pack' | 'pause' | 'rows' | 'delete'>(
		method: Method,
		...args: Parameters<RunService[Method]>
	): Promise<Awaited<ReturnType<RunService[Method]>>> {
		return this.#orLost(
			this.#page.evaluate(
				({ method, args }) =>
					(globalThis.joshtree!.service[method as 'pack'] as (...args: unknown[]) => Promise<never>)(...args),
				{ method, args: args as unknown[] }
			)
		);
	}

	/** A call into a page that dies may hang or complain in many words; either way the browser is lost. */
	async #orLost<Result>(work: Promise<Result>): Promise<Result> {
		try {
			return await Promise.race([work, this.#lost]);
		} catch (error) {
			if (error instanceof BrowserLostError) throw error;
			const message = plainMessage(error);
			if (/has been closed|crashed|Connection closed|Target closed/i.test(message)) {
				throw new BrowserLostError(message, { cause: error });
			}
			throw new Error(message, { cause: error });
		}
	}
}

/** What went wrong, without playwright's prefix and the page's stack. */
function plainMessage(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return text
		.split('\n')
		.filter((line) => !/^\s+at /.test(line))
		.join('\n')
		.replace(/^\w+(\.\w+)+: /, '')
		.replace(/^Error: /, '')
		.trim();
}

/** JSON arrays that hold `items` (JSON texts), each of about `chunkSize`. */
function* inChunks(items: readonly string[]): Generator<string> {
	let chunk: string[] = [];
	let size = 0;
	for (const item of items) {
		chunk.push(item);
		size += item.length;
		if (size < chunkSize) continue;
		yield `[${chunk.join(',')}]`;
		chunk = [];
		size = 0;
	}
	if (chunk.length > 0) yield `[${chunk.join(',')}]`;
}
