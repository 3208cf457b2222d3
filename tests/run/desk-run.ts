import { jsonText, type JsonObject } from '../../src/base/json.ts';
import { Random } from '../../src/base/random.ts';
import {
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type ModelIdentity
} from '../../src/models/language-model.ts';
import { unlessAborted } from '../../src/base/abort.ts';
import { createRunConfig, type RunChoices } from '../../src/run/config.ts';
import { LocalRunService, type RunServiceParts } from '../../src/run/local-run-service.ts';
import type { RunService, RunUpdate } from '../../src/run/run-service.ts';
import type { RunConfig } from '../../src/search/run-config.ts';
import type { RunStore } from '../../src/store/run-store.ts';
import { deskPack } from '../environment/desk-pack.ts';
import { MemoryTabs } from './memory-tabs.ts';

export const scenarios = ['c', 'a', 'e', 'b', 'd'];

/** The desk, with several scenarios that want the same. */
export const packText = JSON.stringify({
	...deskPack(),
	scenarios: [...scenarios].sort().map((id) => ({ ...deskPack().scenarios[0], id }))
});

/** Small enough for a test, large enough to fork, collapse, and fail. */
export function deskConfig(choices: Partial<RunChoices> = {}): RunConfig {
	return createRunConfig({ scenarios, strategy: { kind: 'josh', beam: 3, maxSteps: 5 }, ...choices });
}

const identity: ModelIdentity = {
	name: 'desk model',
	hash: 'd'.repeat(64),
	engine: 'fake 1',
	settings: { threads: 1 },
	contextTokens: 1000,
	reproducible: true
};

const calls: readonly (readonly [string, JsonObject])[] = [
	['search_restaurant', { food: 'thai', area: 'north' }],
	['search_restaurant', { area: 'south' }],
	['book_restaurant', { name: 'Fox Grill', people: 2 }],
	['book_restaurant', { name: 'Nowhere', people: 2 }]
];

/**
 * A model for both roles whose words follow from the request and its seed alone, and whose haste does not: now and then it takes
 * a millisecond or two, or always as long as it is told to. It complains about two requests at once.
 */
export class DeskModel implements LanguageModel {
	readonly identity: ModelIdentity;
	/** Called with each request; may throw in the model's place. */
	readonly #before: (request: GenerateRequest) => void;
	readonly #slowness: number | undefined;
	#busy = false;

	/** @param slowness milliseconds for each request */
	constructor(
		change: Partial<ModelIdentity> = {},
		before: (request: GenerateRequest) => void = () => undefined,
		slowness?: number
	) {
		this.#slowness = slowness;
		this.identity = { ...identity, ...change };
		this.#before = before;
	}

	async generate(request: GenerateRequest, { signal, onText }: GenerateOptions = {}): Promise<Generation> {
		if (this.#busy) throw new Error('two requests at once');
		this.#busy = true;
		try {
			const pause = this.#slowness ?? Math.max(0, Math.random() * 10 - 8);
			if (pause > 0) await unlessAborted(new Promise((resolve) => setTimeout(resolve, pause)), signal);
			this.#before(request);
			const generation = answer(request);
			onText?.(generation.text);
			return generation;
		} finally {
			this.#busy = false;
		}
	}

	async dispose(): Promise<void> {}
}

/** What the desk's model says: it follows from the request alone. */
export function answer({
	messages,
	tools,
	seed
}: {
	readonly messages: readonly unknown[];
	readonly tools: readonly unknown[];
	readonly seed: number;
}): Generation {
	const random = new Random('desk', seed, JSON.stringify(messages));
	const [name, args] = random.pick(calls);
	const isCall = tools.length > 0 && random.chance(0.5);
	const words =
		tools.length > 0
			? `How about number ${random.integer(1, 9)}?`
			: random.chance(0.15)
				? 'That is all. DONE'
				: `I want thing ${random.integer(1, 9)}, please.`;
	return {
		message: isCall
			? {
					role: 'assistant',
					content: '',
					tool_calls: [{ id: 'x', type: 'function', function: { name, arguments: args } }]
				}
			: { role: 'assistant', content: words },
		text: isCall ? `<tool_call>\n${jsonText({ name, arguments: args })}\n</tool_call>` : words,
		finishReason: 'stop',
		usage: { promptTokens: 20 * messages.length, cachedTokens: random.integer(0, 5), completionTokens: 9 },
		timing: { prompt: 1, completion: 1 }
	};
}

/** A tab that runs desk runs. */
export function deskService(
	store: RunStore,
	parts: Partial<Omit<RunServiceParts, 'store'>> = {}
): LocalRunService {
	return new LocalRunService({
		store,
		fetchPack: async () => packText,
		spawn: async () => new DeskModel(),
		tabs: new MemoryTabs(),
		version: '0',
		...parts
	});
}

/** All that is told of a run from now on. */
export async function watched(service: RunService, id: string): Promise<RunUpdate[]> {
	const updates: RunUpdate[] = [];
	await service.watch(id, (update) => void updates.push(update));
	return updates;
}

/** The phases in `updates`, repetitions left out. */
export function phases(updates: readonly RunUpdate[]): string[] {
	const all = updates.flatMap((update) => (update.type === 'state' ? [update.state.phase] : []));
	return all.filter((phase, index) => phase !== all[index - 1]);
}

export function lastReason(updates: readonly RunUpdate[]): string {
	const state = updates.findLast((update) => update.type === 'state')?.state;
	return state && 'reason' in state ? state.reason : '';
}

/** The dataset files by name; the manifest, which knows the run, is left out. */
export async function datasets(service: RunService, id: string): Promise<Record<string, string>> {
	const { files } = await service.datasets.export(id);
	const texts = await Promise.all(files.map(async ({ name, content }) => [name, await content.text()]));
	return Object.fromEntries(texts.filter(([name]) => name !== 'manifest.json'));
}
