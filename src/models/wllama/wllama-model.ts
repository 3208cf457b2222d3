import { Wllama, type RawCompletionChunk } from '@wllama/wllama';
import { compactToolsSection, hermesMessages, hermesToolsSection } from '../../dialogue/hermes-write.ts';
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
import { OneAtATime, abortError, unlessAborted } from '../one-at-a-time.ts';
import { readReply } from '../reply.ts';
import { chatTemplate, type RenderPrompt } from './chat-template.ts';
import { completionBody } from './completion.ts';
import { ggmlFloat, readGguf, type GgufHeader, type GgufValue } from './gguf.ts';
import { Instance, type InstanceOptions } from './instance.ts';
import { download, hashOf } from './model-files.ts';
import { SavedPrompts } from './saved-prompts.ts';
import type { WllamaSettings, WllamaSource } from './settings.ts';
import { brokenTokens } from './vocabulary.ts';

/** The release whose behaviour was measured; a test holds it against what is installed. */
export const wllamaVersion = '3.8.1';

/** A GGUF model run by llama.cpp in WASM on the CPU. */
export class WllamaModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #start: () => Promise<Instance>;
	readonly #render: RenderPrompt;
	readonly #banned: readonly number[];
	readonly #tools: WllamaSettings['tools'];
	readonly #turns = new OneAtATime();
	readonly #memory: SavedPrompts;
	readonly #disposal = new AbortController();
	#instance: Instance;

	private constructor(parts: {
		identity: ModelIdentity;
		start: () => Promise<Instance>;
		instance: Instance;
		render: RenderPrompt;
		banned: readonly number[];
		tools: WllamaSettings['tools'];
		memory: SavedPrompts;
	}) {
		this.identity = parts.identity;
		this.#start = parts.start;
		this.#instance = parts.instance;
		this.#render = parts.render;
		this.#banned = parts.banned;
		this.#tools = parts.tools;
		this.#memory = parts.memory;
	}

	/** @throws {ModelLoadError} */
	static async load(source: WllamaSource): Promise<WllamaModel> {
		const { settings } = source;
		const files = typeof source.model === 'string' ? [await download(source.model)] : source.model;
		const [first, ...others] = files;
		if (!first) throw new ModelLoadError('No model file was given. Choose a GGUF file.');
		const header = await readGguf(first);
		const parts = [header];
		for (const other of others) parts.push(await readGguf(other));
		const trained = architectureNumber(header, 'context_length') ?? 4096;
		const contextTokens = settings.contextTokens ?? Math.min(trained, 4096);
		const bytes = files.reduce((sum, file) => sum + file.size, 0);
		const options: InstanceOptions = {
			contextTokens,
			// One batch for a whole prompt, as measured; beyond 2048 its buffers would outgrow the memory of WASM.
			batchTokens: Math.min(contextTokens, 2048),
			threads: Math.max(1, Math.min(settings.threads ?? 1, navigator.hardwareConcurrency - 1)),
			cacheType: settings.cacheType ?? 'f32',
			loadTimeout: source.loadTimeout ?? 60_000 + bytes / 20_000
		};
		const hash = await hashOf(files);
		const start = () => Instance.start(files, options);
		const instance = await start();
		const { context } = instance;
		try {
			const tokens = header.metadata.get('tokenizer.ggml.tokens');
			const spelling = (id: number) => textOf(Array.isArray(tokens) ? tokens[id] : undefined) ?? '';
			const { chatTemplate: template, addsBos } = context;
			const render = chatTemplate(template, {
				bos: spelling(context.bos),
				eos: spelling(context.eos),
				addsBos
			});
			const banned = brokenTokens(header);
			const identity: ModelIdentity = {
				name: textOf(header.metadata.get('general.name')) ?? 'unnamed GGUF model',
				hash,
				engine: `wllama ${wllamaVersion} (llama.cpp ${Wllama.getLibllamaVersion()})`,
				settings: {
					tools: settings.tools,
					contextTokens: context.contextTokens,
					batchTokens: options.batchTokens,
					threads: context.threads,
					cacheType: options.cacheType,
					flashAttention: false,
					bannedTokens: banned.length
				},
				contextTokens: context.contextTokens,
				// Measured for these; for quantised weights or several threads nobody has looked.
				reproducible: context.threads === 1 && parts.every(hasFloatWeights)
			};
			const memory = new SavedPrompts(
				cacheBytesPerToken(header, options),
				source.savedPromptBytes ?? 2 ** 30
			);
			return new WllamaModel({ identity, start, instance, render, banned, tools: settings.tools, memory });
		} catch (error) {
			await instance.exit();
			throw error;
		}
	}

	get memory(): number {
		return this.#memory.bytes;
	}

	async generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		const signal = options.signal
			? AbortSignal.any([options.signal, this.#disposal.signal])
			: this.#disposal.signal;
		// More than one request in flight would hang.
		const leave = await this.#turns.enter(signal);
		const work = this.#complete(request, signal, options.onText);
		// llama.cpp notices an abort between batches only. The caller need not wait for that, the next request must.
		work.then(leave, leave);
		return unlessAborted(work, signal);
	}

	async dispose(): Promise<void> {
		this.#disposal.abort();
		await this.#instance.exit();
	}

	async #complete(
		request: GenerateRequest,
		signal: AbortSignal,
		onText?: (text: string) => void
	): Promise<Generation> {
		const body = completionBody(request, this.#render(this.#messages(request)), this.#banned);
		if (this.#memory.full) await this.#startAfresh();
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
		}
		const usage = last?.usage;
		const finish = last?.choices[0]?.finish_reason;
		if (!usage || !finish) throw new ModelFaultError('llama.cpp ended a reply without a reason.');
		this.#memory.count(usage.total_tokens, usage.prompt_tokens_details?.cached_tokens ?? 0);
		if (finish === 'length' && usage.completion_tokens < body.max_tokens) {
			throw new ContextOverflowError(
				`Prompt (${usage.prompt_tokens} tokens) and reply do not fit into the context of ${this.identity.contextTokens} tokens.`
			);
		}
		return {
			...readReply(text, request.seed),
			text,
			finishReason: finish === 'length' ? 'length' : 'stop',
			usage: {
				promptTokens: usage.prompt_tokens,
				cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
				completionTokens: usage.completion_tokens
			},
			timing: { prompt: last?.timings?.prompt_ms ?? 0, completion: last?.timings?.predicted_ms ?? 0 }
		};
	}

	/** WASM ends at 4 GiB, llama.cpp would save prompts up to 8; it cannot be told otherwise. */
	async #startAfresh(): Promise<void> {
		await this.#instance.exit();
		try {
			this.#instance = await this.#start();
		} catch (error) {
			throw new ModelFaultError('The engine could not be started again.', { cause: error });
		}
		this.#memory.clear();
		if (this.#disposal.signal.aborted) await this.#instance.exit();
	}

	#messages({ messages, tools, toolsText }: GenerateRequest) {
		if (tools.length === 0) return hermesMessages(messages);
		return hermesMessages(
			messages,
			this.#tools === 'compact' ? compactToolsSection(toolsText) : hermesToolsSection(tools)
		);
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

function architectureNumber({ metadata }: GgufHeader, key: string): number | undefined {
	const value = metadata.get(`${String(metadata.get('general.architecture'))}.${key}`);
	return typeof value === 'number' ? value : undefined;
}

function cacheBytesPerToken(header: GgufHeader, { cacheType }: InstanceOptions): number {
	const layers = architectureNumber(header, 'block_count') ?? 32;
	const width = architectureNumber(header, 'embedding_length') ?? 2048;
	const heads = architectureNumber(header, 'attention.head_count') ?? 1;
	const cachedHeads = architectureNumber(header, 'attention.head_count_kv') ?? heads;
	const headWidth = architectureNumber(header, 'attention.key_length') ?? width / heads;
	return layers * 2 * cachedHeads * headWidth * (cacheType === 'f32' ? 4 : 2);
}

function hasFloatWeights({ tensors }: GgufHeader): boolean {
	return tensors.every(({ type }) => type === ggmlFloat.f32 || type === ggmlFloat.f16);
}

function textOf(value: GgufValue | undefined): string | undefined {
	return typeof value === 'string' ? value : undefined;
}
