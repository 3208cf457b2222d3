import { Wllama, type RawCompletionChunk } from '@wllama/wllama';
import type { ChatTemplate } from '../../dialogue/template/chat-template.ts';
import {
	ContextOverflowError,
	ModelFaultError,
	ModelLoadError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type ModelIdentity
} from '../language-model.ts';
import { abortError, unlessAborted } from '../../base/abort.ts';
import { generationOf } from '../reply.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { completionBody, oneToken, shortestReply, type CompletionBody } from './completion.ts';
import { readGguf, type GgufHeader } from './gguf.ts';
import { checkGpu } from './gpu.ts';
import {
	architectureOf,
	cacheValueBytes,
	cacheValuesPerToken,
	hasFloatWeights,
	textEntry,
	trainedContext
} from './header-facts.ts';
import { Instance, type InstanceOptions } from './instance.ts';
import { download, hashOf } from './model-files.ts';
import { PromptCache } from './prompt-cache.ts';
import { promptTokens } from './prompt-tokens.ts';
import { chosenTemplate, promptOf, recordedPrompts } from './prompts.ts';
import type { WllamaSource } from './settings.ts';
import { brokenTokens, wordToken, type VocabularyToken } from './vocabulary.ts';

/** The release whose behaviour was measured; a test holds it against what is installed. */
export const wllamaVersion = '3.8.1';

/** A GGUF model run by llama.cpp in WASM, on the CPU or by WebGPU. It answers as many requests at once as it has slots. */
export class WllamaModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #start: () => Promise<Instance>;
	readonly #template: ChatTemplate;
	readonly #banned: readonly number[];
	readonly #slots: Semaphore;
	readonly #newCache: () => PromptCache;
	readonly #cacheBytesPerToken: number;
	readonly #savedPromptBytes: number;
	readonly #disposal = new AbortController();
	#instance: Instance;
	/** Of this instance. */
	#cache: PromptCache;

	private constructor(parts: {
		identity: ModelIdentity;
		start: () => Promise<Instance>;
		instance: Instance;
		template: ChatTemplate;
		banned: readonly number[];
		newCache: () => PromptCache;
		cacheBytesPerToken: number;
		savedPromptBytes: number;
		slots: number;
	}) {
		this.identity = parts.identity;
		this.#start = parts.start;
		this.#instance = parts.instance;
		this.#template = parts.template;
		this.#banned = parts.banned;
		this.#newCache = parts.newCache;
		this.#cache = parts.newCache();
		this.#cacheBytesPerToken = parts.cacheBytesPerToken;
		this.#savedPromptBytes = parts.savedPromptBytes;
		this.#slots = new Semaphore(parts.slots);
	}

	/** @throws {ModelLoadError} */
	static async load(source: WllamaSource): Promise<WllamaModel> {
		const { settings } = source;
		const files = typeof source.model === 'string' ? [await download(source.model)] : source.model;
		const [first, ...others] = files;
		if (!first) throw new ModelLoadError('No model file was given. Choose a GGUF file.');
		const header = await readGguf(first);
		const headers = [header];
		for (const other of others) headers.push(await readGguf(other));
		const { adapter } = source;
		if (adapter) headers.push(await readAdapter(adapter.file, header, files.length));
		const { device = 'cpu', slots = 1 } = settings;
		checkSettings(source);
		if (device === 'gpu') await checkGpu();
		const contextTokens = settings.contextTokens ?? Math.min(trainedContext(header) ?? 4096, 4096);
		const bytes = files.reduce((sum, file) => sum + file.size, 0);
		const options: InstanceOptions = {
			contextTokens,
			// One batch for a whole prompt, as measured; beyond 2048 its buffers would outgrow the memory of WASM.
			batchTokens: Math.min(contextTokens, 2048),
			threads: Math.max(1, Math.min(settings.threads ?? 1, navigator.hardwareConcurrency - 1)),
			// On a GPU nothing is the same to the bit, so what is small and fast is taken there.
			cacheType: settings.cacheType ?? (device === 'gpu' ? 'f16' : 'f32'),
			flashAttention: device === 'gpu',
			device,
			slots,
			...(adapter && { adapter }),
			loadTimeout: source.loadTimeout ?? 60_000 + bytes / 20_000
		};
		const hash = source.hash ?? (await hashOf(files));
		const start = () => Instance.start(files, options);
		const instance = await start();
		const { context } = instance;
		try {
			const tokens = header.metadata.get('tokenizer.ggml.tokens');
			const spelling = (id: number) => String((Array.isArray(tokens) ? tokens[id] : undefined) ?? '');
			const template = chosenTemplate(
				context.chatTemplate,
				{ bos: spelling(context.bos), eos: spelling(context.eos), addsBos: context.addsBos },
				settings.tools
			);
			const banned = brokenTokens(header);
			const identity: ModelIdentity = {
				name: textEntry(header, 'general.name') ?? 'unnamed GGUF model',
				hash,
				engine: `wllama ${wllamaVersion} (llama.cpp ${Wllama.getLibllamaVersion()})`,
				settings: {
					...recordedPrompts(settings.tools, template.facts),
					contextTokens: context.contextTokens,
					batchTokens: options.batchTokens,
					threads: context.threads,
					cacheType: options.cacheType,
					flashAttention: options.flashAttention,
					bannedTokens: banned.length,
					...(device === 'gpu' && { device }),
					...(slots > 1 && { slots }),
					...(adapter && { adapter: { hash: adapter.hash, scale: adapter.scale } })
				},
				contextTokens: context.contextTokens,
				// Measured for these; for quantised weights or several threads nobody has looked.
				reproducible: device === 'cpu' && context.threads === 1 && headers.every(hasFloatWeights)
			};
			const cut = promptTokens(header.metadata);
			const model = new WllamaModel({
				identity,
				start,
				instance,
				template,
				banned,
				newCache: () => new PromptCache(slots, cut),
				cacheBytesPerToken: cacheValuesPerToken(header) * cacheValueBytes[options.cacheType],
				savedPromptBytes: source.savedPromptBytes ?? 2 ** 30,
				slots
			});
			await model.#tryOut(wordToken(header), options.loadTimeout);
			return model;
		} catch (error) {
			await instance.exit();
			throw error;
		}
	}

	get memory(): number {
		return this.#cache.savedTokens * this.#cacheBytesPerToken;
	}

	get #isFull(): boolean {
		return this.memory > this.#savedPromptBytes;
	}

	async generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		const signal = options.signal
			? AbortSignal.any([options.signal, this.#disposal.signal])
			: this.#disposal.signal;
		// llama.cpp notices an abort between batches only. The caller need not wait for that, the next request must.
		return unlessAborted(this.#inSlot(request, signal, options.onText), signal);
	}

	async dispose(): Promise<void> {
		this.#disposal.abort();
		await this.#instance.exit();
	}

	async #inSlot(
		request: GenerateRequest,
		signal: AbortSignal,
		onText?: (text: string) => void
	): Promise<Generation> {
		const leave = await this.#enter(signal);
		try {
			return await this.#complete(request, signal, onText);
		} finally {
			leave();
		}
	}

	async #complete(
		request: GenerateRequest,
		signal: AbortSignal,
		onText?: (text: string) => void
	): Promise<Generation> {
		const { text: prompt, opened } = promptOf(this.#template, request);
		const body = completionBody(request, prompt, this.#banned);
		const preparation = this.#cache.preparation(prompt);
		const prepared =
			preparation === undefined
				? undefined
				: await this.#answer(completionBody(shortestReply, preparation, this.#banned), signal);
		const { syntax } = this.#template.facts;
		const { text, finish, usage, timings } = await this.#answer(body, signal, onText);
		if (finish === 'length' && usage.completion_tokens < body.max_tokens) {
			throw new ContextOverflowError(
				`Prompt (${usage.prompt_tokens} tokens) and reply do not fit into the context of ${this.identity.contextTokens} tokens.`
			);
		}
		return {
			...generationOf(text, request, { ...(opened && { opened }), ...(syntax && { syntax }) }),
			text,
			finishReason: finish === 'length' ? 'length' : 'stop',
			usage: {
				promptTokens: usage.prompt_tokens,
				cachedTokens: Math.max(0, cachedOf(usage) - (prepared ? computedOf(prepared.usage) : 0)),
				completionTokens: usage.completion_tokens
			},
			timing: { prompt: timings?.prompt_ms ?? 0, completion: timings?.predicted_ms ?? 0 }
		};
	}

	/**
	 * Draws one token. llama.cpp also loads models whose weights are not numbers, which then end every reply at once, and those that fail
	 * with every request.
	 * @param word a token that is made certain; one number among the others that is none makes it impossible
	 * @param limit milliseconds
	 */
	async #tryOut(word: VocabularyToken | undefined, limit: number): Promise<void> {
		const tooLate = AbortSignal.timeout(limit);
		const signal = AbortSignal.any([this.#disposal.signal, tooLate]);
		let answer: Answer;
		try {
			const { text: prompt } = promptOf(this.#template, {
				messages: [{ role: 'user', content: 'Hello.' }],
				tools: []
			});
			const body = completionBody(oneToken, prompt, this.#banned, word?.id);
			answer = await unlessAborted(this.#answer(body, signal), signal);
		} catch (error) {
			const itsReason = error instanceof Error ? error.message : String(error);
			const reason = tooLate.aborted ? `it took more than ${limit / 1000} seconds.` : itsReason;
			throw new ModelLoadError(
				`The model was loaded and cannot answer: ${reason} Choose another conversion of it, or other settings.`,
				{ cause: error }
			);
		}
		if (word === undefined || answer.text.trim() === word.text) return;
		throw new ModelLoadError(
			'The model was loaded and cannot answer: what it computes are not numbers (NaN). Its weights are damaged, or its adapter is, or ' +
				'the scale of that. Download the files again, or choose another conversion.'
		);
	}

	/** One completion, from beginning to end. */
	async #answer(body: CompletionBody, signal: AbortSignal, onText?: (text: string) => void): Promise<Answer> {
		const place = this.#cache.begin(body.prompt);
		let text = '';
		let last: RawCompletionChunk | undefined;
		try {
			await this.#instance.complete(body, signal, (chunk) => {
				last = chunk;
				const piece = chunk.choices[0]?.text ?? '';
				if (piece === '') return;
				text += piece;
				onText?.(text);
			});
		} catch (error) {
			throw this.#generationError(error, signal);
		} finally {
			place.leave(text);
		}
		const usage = last?.usage;
		const finish = last?.choices[0]?.finish_reason;
		if (!usage || !finish) throw new ModelFaultError('llama.cpp ended a reply without a reason.');
		return { text, finish, usage, timings: last?.timings };
	}

	/** Takes a slot of an instance that has room: requests beyond the slots would hang. */
	async #enter(signal: AbortSignal): Promise<() => void> {
		for (;;) {
			const leave = await this.#slots.acquire(1, signal);
			if (!this.#isFull) return leave;
			leave();
			await this.#startAfresh(signal);
		}
	}

	/** WASM ends at 4 GiB, llama.cpp would save prompts up to 8; it cannot be told otherwise. */
	async #startAfresh(signal: AbortSignal): Promise<void> {
		const leave = await this.#slots.acquire(this.#slots.permits, signal);
		try {
			if (!this.#isFull) return; // another request was faster
			await this.#instance.exit();
			this.#instance = await this.#start();
			this.#cache = this.#newCache();
		} catch (error) {
			throw new ModelFaultError('The engine could not be started again.', { cause: error });
		} finally {
			if (this.#disposal.signal.aborted) await this.#instance.exit();
			leave();
		}
	}

	#generationError(error: unknown, signal: AbortSignal): Error {
		if (signal.aborted) return abortError();
		const reason = error instanceof Error ? error.message : String(error);
		if (/exceeds the available context size/.test(reason))
			return new ContextOverflowError(`The prompt is too long: ${reason}.`);
		// Any C++ exception arrives as `Invalid typed array length`; what it was is in the log.
		return new ModelFaultError(`llama.cpp failed: ${this.#instance.printedError ?? reason}`, {
			cause: error
		});
	}
}

interface Answer {
	readonly text: string;
	readonly finish: string;
	readonly usage: Usage;
	readonly timings: RawCompletionChunk['timings'];
}

type Usage = NonNullable<RawCompletionChunk['usage']>;

function cachedOf({ prompt_tokens_details: details }: Usage): number {
	return details?.cached_tokens ?? 0;
}

function computedOf(usage: Usage): number {
	return usage.prompt_tokens - cachedOf(usage);
}

/** @throws {ModelLoadError} for numbers that llama.cpp takes for others, or for none */
function checkSettings({ settings: { contextTokens, slots = 1 }, adapter }: WllamaSource): void {
	if (contextTokens !== undefined && !(Number.isInteger(contextTokens) && contextTokens > 0))
		throw new ModelLoadError(`The context is to be ${contextTokens} tokens. Choose a whole number above 0.`);
	if ((contextTokens ?? 0) * slots >= 2 ** 31) {
		throw new ModelLoadError(
			`The context is to be ${contextTokens} tokens for each of ${slots} requests at once, which no engine holds. Choose a shorter one.`
		);
	}
	if (adapter && !Number.isFinite(adapter.scale))
		throw new ModelLoadError(
			`The scale of the adapter is to be ${adapter.scale}. Choose a number, such as 1.`
		);
}

/** @throws {ModelLoadError} if it is not an adapter for this model */
async function readAdapter(file: Blob, model: GgufHeader, parts: number): Promise<GgufHeader> {
	const header = await readGguf(file);
	if (textEntry(header, 'adapter.type') !== 'lora') {
		throw new ModelLoadError(
			'What was chosen as an adapter is not a LoRA adapter. Choose a GGUF file made by convert_lora_to_gguf.py.'
		);
	}
	const [its, wanted] = [architectureOf(header), architectureOf(model)];
	if (its !== wanted) {
		throw new ModelLoadError(
			`The adapter was made for models of the architecture ${its ?? 'unknown'}, and this one is ${wanted ?? 'unknown'}. Choose the model that it was trained on.`
		);
	}
	// wllama numbers the adapter's file among the parts, and llama.cpp then does not find the parts by their names.
	if (parts > 1) {
		throw new ModelLoadError(
			'An adapter cannot be put on a model in several files. Join them first: llama-gguf-split --merge FIRST-PART JOINED.gguf'
		);
	}
	return header;
}
