import { Wllama, type RawCompletionChunk, type RawCompletionParams } from '@wllama/wllama';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { ModelLoadError } from '../language-model.ts';
import type { CompletionBody } from './completion.ts';
import { NativeLog } from './native-log.ts';

/** How llama.cpp is set up. With these held fixed, a reply does not depend on what the cache held. */
export interface InstanceOptions {
	readonly contextTokens: number;
	readonly batchTokens: number;
	readonly threads: number;
	readonly cacheType: 'f32' | 'f16';
	/** Milliseconds. */
	readonly loadTimeout: number;
}

export interface LoadedContext {
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

/** One llama.cpp in WASM with one model, in a worker of its own. It takes one completion at a time. */
export class Instance {
	readonly context: LoadedContext;
	readonly #wllama: Wllama;
	readonly #log: NativeLog;

	private constructor(wllama: Wllama, log: NativeLog) {
		this.#wllama = wllama;
		this.#log = log;
		const info = wllama.getLoadedContextInfo();
		this.context = {
			contextTokens: info.n_ctx,
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
			const loading = wllama.loadModel([...files], {
				n_ctx: options.contextTokens,
				n_batch: options.batchTokens,
				n_ubatch: options.batchTokens,
				n_threads: options.threads,
				n_parallel: 1,
				kv_unified: false,
				n_gpu_layers: 0,
				flash_attn: false,
				cache_type_k: options.cacheType,
				cache_type_v: options.cacheType,
				ctx_shift: false,
				warmup: false
			});
			await within(options.loadTimeout, Promise.race([loading, log.workerFailure]));
			// It resolves for files that llama.cpp could not load, too, and calls them loaded.
			const info = wllama.getLoadedContextInfo() as unknown as LoadResult;
			if (!info.success) throw new Error(log.firstError ?? 'llama.cpp gave no reason');
			return new Instance(wllama, log);
		} catch (error) {
			await wllama.exit();
			throw loadError(error, log);
		}
	}

	/** What llama.cpp printed about the latest failure; many failures arrive without their reason. */
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
