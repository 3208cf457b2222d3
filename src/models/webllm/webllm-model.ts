import { sha256 } from '../../base/hash.ts';
import { opener } from '../../dialogue/template/turns.ts';
import {
	ContextOverflowError,
	ModelFaultError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type LoadOptions,
	type ModelIdentity
} from '../language-model.ts';
import { abortError, unlessAborted } from '../../base/abort.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { generationOf } from '../reply.ts';
import { chatBody, withoutEmptyThought, type BodyOptions } from './chat-body.ts';
import { chatMessages, openedIn, safeFromTemplates } from './chat-messages.ts';
import type { ChatUsage, Engine, Library, LoadedOptions, ModelRecord } from './engine.ts';
import { failureOf, generationError, loadError } from './errors.ts';
import { weightManifest } from './files.ts';
import { openLibrary, webLlmVersion } from './library.ts';
import { canSwitchThinking, contextOf, folderOf, recordOf, syntaxOf } from './model-record.ts';
import { BranchParking } from './parking.ts';
import type { Parking, WebLlmSettings, WebLlmSource } from './settings.ts';

interface Parts {
	readonly identity: ModelIdentity;
	readonly engine: Engine;
	readonly options: LoadedOptions;
	readonly tools: WebLlmSettings['tools'];
	readonly body: BodyOptions;
	readonly parking: BranchParking | undefined;
}

/** A model in MLC's form run by web-llm on the graphics device (WebGPU). One engine, one model, one queue. */
export class WebLlmModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #engine: Engine;
	readonly #options: LoadedOptions;
	readonly #tools: WebLlmSettings['tools'];
	readonly #body: BodyOptions;
	readonly #turns = new Semaphore(1);
	readonly #disposal = new AbortController();
	#parking: BranchParking | undefined;

	private constructor({ identity, engine, options, tools, body, parking }: Parts) {
		this.identity = identity;
		this.#engine = engine;
		this.#options = options;
		this.#tools = tools;
		this.#body = body;
		this.#parking = parking;
	}

	/**
	 * Downloads what is not cached yet and loads it onto the graphics device.
	 *
	 * @param open gives web-llm, or what stands in for it
	 * @throws {ModelLoadError}
	 * @throws an `AbortError` after `signal` aborts; what has been downloaded whole stays in the cache
	 */
	static async load(
		source: WebLlmSource,
		{ signal, onProgress }: LoadOptions = {},
		open: () => Promise<Library> = openLibrary
	): Promise<WebLlmModel> {
		const { settings } = source;
		const library = await open();
		const record = recordOf(source.model, library.models);
		const contextTokens = settings.contextTokens ?? contextOf(record);
		const options: LoadedOptions = {
			context_window_size: contextTokens,
			// A window that slides forgets in silence; nobody would learn that a conversation has grown too long.
			sliding_window_size: -1,
			attention_sink_size: -1
		};
		const engine = library.createEngine(record, ({ progress, text }) =>
			onProgress?.({
				phase: /^(Start to fetch|Fetching)/.test(text) ? 'download' : 'load',
				fraction: Number.isFinite(progress) ? progress : 0
			})
		);
		await loadInto(engine, options, signal);
		const parking = settings.parking === 'branches' ? await parkingFor(engine, options, signal) : undefined;
		const calls = settings.calls ?? 'constrained';
		const syntax = syntaxOf(record);
		const withoutThinking = canSwitchThinking(record) && settings.thinking !== 'model';
		const identity: ModelIdentity = {
			name: record.model_id,
			...(await nameOfWeights(record)),
			engine: `web-llm ${webLlmVersion}`,
			settings: {
				tools: settings.tools,
				calls,
				...(syntax !== 'hermes-json' && { syntax }),
				contextTokens,
				parking: (parking ? 'branches' : 'none') satisfies Parking,
				thinking: withoutThinking ? 'off' : 'model',
				opener,
				library: record.model_lib
			},
			contextTokens,
			// Other devices and drivers compute other last bits, and so do the paths that fill the cache.
			reproducible: false
		};
		const body = { calls, syntax, withoutThinking };
		return new WebLlmModel({ identity, engine, options, tools: settings.tools, body, parking });
	}

	/** @throws an `Error` that is none of the contract's if the request can never be answered, e.g. a broken grammar */
	async generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		const signal = options.signal
			? AbortSignal.any([options.signal, this.#disposal.signal])
			: this.#disposal.signal;
		const leave = await this.#turns.acquire(1, signal);
		const work = this.#answer(request, signal, options.onText);
		// The engine notices an abort between tokens only. The caller need not wait for that, the next request must.
		work.then(leave, leave);
		return unlessAborted(work, signal);
	}

	async dispose(): Promise<void> {
		this.#disposal.abort();
		const leave = await this.#turns.acquire(1);
		await this.#engine.unload().finally(leave);
	}

	/** Answers, and after the loss of the device or its memory loads the model again and answers once more. */
	async #answer(
		request: GenerateRequest,
		signal: AbortSignal,
		onText?: (text: string) => void
	): Promise<Generation> {
		try {
			return await this.#complete(request, signal, onText);
		} catch (error) {
			if (signal.aborted) throw abortError();
			if (failureOf(error) !== 'lost') throw typed(error);
		}
		try {
			await this.#reload(signal);
			return await this.#complete(request, signal, onText);
		} catch (error) {
			throw signal.aborted ? abortError() : typed(error);
		}
	}

	async #reload(signal: AbortSignal): Promise<void> {
		const hadParking = this.#parking !== undefined;
		this.#parking = undefined;
		try {
			await loadInto(this.#engine, this.#options, signal);
			const pipeline = this.#engine.pipeline();
			if (hadParking && pipeline) this.#parking = await BranchParking.install(pipeline);
		} catch (error) {
			throw new ModelFaultError('The model was lost and could not be loaded again.', { cause: error });
		}
	}

	async #complete(
		request: GenerateRequest,
		signal: AbortSignal,
		onText?: (text: string) => void
	): Promise<Generation> {
		const { syntax } = this.#body;
		const messages = safeFromTemplates(chatMessages(request, this.#tools, syntax), this.#engine.pipeline());
		const body = chatBody(request, messages, this.#body);
		const held = this.#parking ? this.#parking.activate(messages) : await this.#empty();
		const interrupt = () => void this.#engine.interrupt();
		signal.addEventListener('abort', interrupt, { once: true });
		let text = '';
		let finish: string | undefined;
		let usage: ChatUsage | undefined;
		let listenerError: ListenerError | undefined;
		try {
			// A stream that is left early keeps the engine's lock in some releases, so it is always read to its end.
			for await (const chunk of await this.#engine.create(body)) {
				// An interruption that came before the first token was not heard.
				if (signal.aborted || listenerError) interrupt();
				const [choice] = chunk.choices;
				usage = chunk.usage ?? usage;
				finish = choice?.finish_reason ?? finish;
				const piece = choice?.delta.content ?? '';
				if (piece === '') continue;
				text += piece;
				if (signal.aborted || listenerError) continue;
				try {
					onText?.(this.#own(text));
				} catch (cause) {
					listenerError = new ListenerError(cause);
				}
			}
		} finally {
			signal.removeEventListener('abort', interrupt);
		}
		if (signal.aborted) throw abortError();
		if (listenerError) throw listenerError;
		if (!usage || (finish !== 'stop' && finish !== 'length')) {
			throw new ModelFaultError('web-llm ended a reply without a reason.');
		}
		const cachedTokens = this.#parking?.wasEmptied ? 0 : held;
		const promptTokens = cachedTokens + usage.prompt_tokens;
		if (
			finish === 'length' &&
			usage.completion_tokens < body.max_tokens &&
			this.#isFull(promptTokens, usage)
		) {
			throw new ContextOverflowError(
				`Prompt (${promptTokens} tokens) and reply do not fit into the context of ${this.identity.contextTokens} tokens.`
			);
		}
		if (finish === 'stop') this.#parking?.park(messages, text);
		const own = this.#own(text);
		const opened = this.#body.withoutThinking ? undefined : openedIn(this.#engine.pipeline());
		return {
			...generationOf(own, request, { syntax, ...(opened !== undefined && { opened }) }),
			text: own,
			finishReason: finish,
			usage: { promptTokens, cachedTokens, completionTokens: usage.completion_tokens },
			timing: timingOf(usage)
		};
	}

	/** What fills the cache must not depend on the request before, whose cache the engine would go on with. */
	async #empty(): Promise<0> {
		await this.#engine.resetChat();
		return 0;
	}

	/** Whether a reply ended because the context did; the token drawn last is not in the cache. */
	#isFull(promptTokens: number, { completion_tokens }: ChatUsage): boolean {
		const held = this.#engine.pipeline()?.filledKVCacheLength ?? promptTokens + completion_tokens - 1;
		return held >= this.identity.contextTokens;
	}

	#own(text: string): string {
		return this.#body.withoutThinking ? withoutEmptyThought(text) : text;
	}
}

/** The caller's own error, which says nothing about the engine. */
class ListenerError extends Error {
	constructor(cause: unknown) {
		super('The listener failed.', { cause });
	}
}

function typed(error: unknown): unknown {
	if (error instanceof ListenerError) return error.cause;
	const known = error instanceof ContextOverflowError || error instanceof ModelFaultError;
	return known ? error : generationError(error);
}

function timingOf({ extra }: ChatUsage): Generation['timing'] {
	const prompt = 1000 * extra.time_to_first_token_s;
	return { prompt, completion: Math.max(0, 1000 * extra.e2e_latency_s - prompt) };
}

/** @throws {ModelLoadError}, or an `AbortError` */
async function loadInto(engine: Engine, options: LoadedOptions, signal?: AbortSignal): Promise<void> {
	const cancel = () => void engine.unload().catch(() => {});
	if (signal?.aborted) throw abortError();
	signal?.addEventListener('abort', cancel, { once: true });
	try {
		await engine.reload(options);
	} catch (error) {
		throw signal?.aborted ? abortError() : loadError(error);
	} finally {
		signal?.removeEventListener('abort', cancel);
	}
	if (signal?.aborted) {
		await engine.unload();
		throw abortError();
	}
	// It also resolves when the device was lost on the way and it unloaded itself.
	if (!engine.pipeline())
		throw loadError(new Error('The graphics device was lost while the model was loaded.'));
}

/** Parking, if the device passes its test; else the engine is loaded once more, as it comes. */
async function parkingFor(
	engine: Engine,
	options: LoadedOptions,
	signal?: AbortSignal
): Promise<BranchParking | undefined> {
	try {
		const pipeline = engine.pipeline();
		return pipeline && (await BranchParking.install(pipeline));
	} catch {
		await loadInto(engine, options, signal);
		return undefined;
	}
}

/** web-llm's weights are many files with a manifest that holds an MD5 of each; its hash stands for them all. */
async function nameOfWeights(record: ModelRecord): Promise<{ readonly hash: string }> {
	const folder = folderOf(record);
	const manifest = await weightManifest(folder);
	return { hash: manifest ? await sha256(manifest) : await sha256(`${folder} ${record.model_lib}`) };
}
