import { Wllama, type RawCompletionChunk, type RawCompletionParams } from '@wllama/wllama';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { ModelLoadError } from '../language-model.ts';
import type { CompletionBody } from './completion.ts';
import { NativeLog } from './native-log.ts';

/** How llama.cpp is set up. With these held fixed, a reply on the CPU does not depend on what the cache held. */
export interface InstanceOptions {
	/** Of each slot. */
	readonly contextTokens: number;
	readonly batchTokens: number;
	readonly threads: number;
	readonly cacheType: 'f32' | 'f16';
	readonly device: 'cpu' | 'gpu';
	/** Completions at once. */
	readonly slots: number;
	readonly flashAttention: boolean;
	/** A LoRA adapter. */
	readonly adapter?: { readonly file: Blob; readonly scale: number };
	/** Milliseconds. */
	readonly loadTimeout: number;
}

export interface LoadedContext {
	/** Of each slot. */
	readonly contextTokens: number;
	/** 1 where the page is not isolated, whatever was asked for. */
	readonly threads: number;
	readonly addsBos: boolean;
	readonly bos: number;
	readonly eos: number;
	readonly chatTemplate: string | null;
}

/** What wllama says beyond its types. */
interface LoadResult {
	readonly success: boolean;
}

/**
 * One llama.cpp in WASM with one model, in a worker of its own. It takes as many completions at once as it has
 * slots; one more would never settle.
 */
export class Instance {
	readonly context: LoadedContext;
	readonly #wllama: Wllama;
	readonly #log: NativeLog;

	private constructor(wllama: Wllama, log: NativeLog, slots: number) {
		this.#wllama = wllama;
		this.#log = log;
		const info = wllama.getLoadedContextInfo();
		this.context = {
			contextTokens: Math.floor(info.n_ctx / slots),
			threads: wllama.getNumThreads(),
			addsBos: info.add_bos_token,
			bos: info.token_bos,
			eos: info.token_eos,
			chatTemplate: wllama.getChatTemplate()
		};
	}

	/** @throws {ModelLoadError} */
	static async start(files: readonly Blob[], options: InstanceOptions): Promise<Instance> {
		const log = new NativeLog();
		const wllama = new Wllama({ default: wasmUrl }, { logger: log });
		// Without this, browsers that lack JSPI would fetch another build from a CDN.
		wllama.setCompat(null);
		try {
			const { adapter, slots } = options;
			const loading = wllama.loadModel(adapter ? [...files, adapter.file] : [...files], {
				n_ctx: options.contextTokens * slots,
				n_batch: options.batchTokens,
				n_ubatch: options.batchTokens,
				n_threads: options.threads,
				n_parallel: slots,
				// Divides the context among the slots; with a common one, requests side by side change each other's texts.
				kv_unified: false,
				n_gpu_layers: options.device === 'gpu' ? allLayers : 0,
				flash_attn: options.flashAttention,
				cache_type_k: options.cacheType,
				cache_type_v: options.cacheType,
				ctx_shift: false,
				warmup: false,
				...(adapter && { lora_adapters: [{ path: pathOf(files.length + 1), scale: adapter.scale }] })
			});
			await within(options.loadTimeout, Promise.race([loading, log.workerFailure]));
			// It resolves for files that llama.cpp could not load, too, and calls them loaded.
			const info = wllama.getLoadedContextInfo() as unknown as LoadResult;
			if (!info.success) throw new Error(log.firstError ?? 'llama.cpp gave no reason');
			return new Instance(wllama, log, slots);
		} catch (error) {
			await wllama.exit();
			throw loadError(error, log);
		}
	}

	/**
	 * What llama.cpp printed first since a completion was last begun; many failures arrive without their reason. Of several
	 * completions at once it does not say which it was.
	 */
	get printedError(): string | undefined {
		return this.#log.firstError;
	}

	/** Rejects with whatever wllama throws. Settles within one batch of prompt tokens after `signal` aborts. */
	async complete(
		body: CompletionBody,
		signal: AbortSignal,
		onChunk: (chunk: RawCompletionChunk) => void
	): Promise<void> {
		this.#log.firstError = undefined;
		// wllama's types know fewer options than the server that reads them.
		const params = body as unknown as RawCompletionParams;
		const completing = this.#wllama.createCompletion({
			...params,
			stream: true,
			abortSignal: signal,
			onData: onChunk
		});
		await Promise.race([completing, this.#log.workerFailure]);
	}

	/** Ends the worker at once; a completion under way never settles. */
	async exit(): Promise<void> {
		await this.#wllama.exit();
	}
}

/** As wllama and llama.cpp understand it: more than any model has. */
const allLayers = 99_999;

/** Where wllama puts the last of so many files. */
function pathOf(count: number): string {
	const digits = String(count).padStart(5, '0');
	return `models/model-${digits}-of-${digits}.gguf`;
}

class TimeLimit extends Error {}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new TimeLimit()), milliseconds);
		promise.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}

function loadError(error: unknown, log: NativeLog): ModelLoadError {
	const detail = log.firstError ? ` (${log.firstError})` : '';
	if (error instanceof TimeLimit) {
		return new ModelLoadError(
			`The model did not load in time${detail}. Close other tabs, or choose a smaller model.`
		);
	}
	const reason = error instanceof Error ? error.message : String(error);
	if (/memory|bad_alloc|allocat/i.test(`${reason} ${log.firstError ?? ''}`)) {
		return new ModelLoadError(
			`The model does not fit into memory: ${reason}. Choose a smaller model or a shorter context.`,
			{ cause: error }
		);
	}
	return new ModelLoadError(
		`The model could not be loaded: ${log.firstError ?? reason}. Choose another file, or download it again.`,
		{ cause: error }
	);
}
