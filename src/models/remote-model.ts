import { wrap, type Endpoint, type Remote } from 'comlink';
import '../base/wire.ts';
import type { EngineAnswer, EngineService } from './engine-protocol.ts';
import {
	ContextOverflowError,
	ModelFaultError,
	ModelLoadError,
	PromptError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type LoadOptions,
	type LoadProgress,
	type ModelIdentity
} from './language-model.ts';
import { abortError, unlessAborted } from '../base/abort.ts';

/** A worker, as far as this needs to know it. */
export interface EngineWorker extends Endpoint {
	terminate(): void;
}

/** A model that lives in a worker of its own. */
export class RemoteModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #worker: EngineWorker;
	readonly #service: Remote<EngineService<unknown>>;
	readonly #end: AbortController;
	#requests = 0;
	#memory: number | undefined;

	private constructor(
		identity: ModelIdentity,
		worker: EngineWorker,
		service: Remote<EngineService<unknown>>,
		end: AbortController
	) {
		this.identity = identity;
		this.#worker = worker;
		this.#service = service;
		this.#end = end;
	}

	/**
	 * Starts a worker and loads a model in it.
	 * @param createWorker makes a worker that exposes an `EngineHost`; it owns the worker's address, which depends on how the app is built
	 * @param source what the host's `load` takes
	 * @throws {ModelLoadError}
	 * @throws an `AbortError` after `signal` aborts; the worker is then ended, and with it a download
	 */
	static async start<Source>(
		createWorker: () => EngineWorker,
		source: Source,
		{ signal, onProgress }: LoadOptions = {}
	): Promise<RemoteModel> {
		if (signal?.aborted) throw abortError();
		const worker = createWorker();
		const end = new AbortController();
		worker.addEventListener('error', (event) => {
			const { message } = event as Event & { readonly message?: string };
			end.abort(message ?? 'its script could not be loaded; reload the page');
		});
		const service = wrap<EngineService<unknown>>(worker);
		let live = true;
		const listener = onProgress && ((progress: LoadProgress) => void (live && onProgress(progress)));
		try {
			const loading = service.load(source, listener) as Promise<ModelIdentity>;
			const identity = await unlessAborted(orEnd(loading, end.signal, ModelLoadError), signal);
			return new RemoteModel(identity, worker, service, end);
		} catch (error) {
			worker.terminate();
			throw revive(error);
		} finally {
			live = false;
		}
	}

	get memory(): number | undefined {
		return this.#memory;
	}

	async generate(request: GenerateRequest, { signal, onText }: GenerateOptions = {}): Promise<Generation> {
		if (signal?.aborted) throw abortError();
		const id = this.#requests++;
		let live = true;
		const abort = () => void this.#service.abort(id);
		signal?.addEventListener('abort', abort, { once: true });
		const listener = onText && ((text: string) => void (live && onText(text)));
		try {
			const answer = this.#service.generate(id, request, listener) as Promise<EngineAnswer>;
			const { generation, memory } = await unlessAborted(
				orEnd(answer, this.#end.signal, ModelFaultError),
				signal
			);
			this.#memory = memory;
			return generation;
		} catch (error) {
			throw revive(error);
		} finally {
			live = false;
			signal?.removeEventListener('abort', abort);
		}
	}

	/** Ends the worker at once; requests under way reject with a `ModelFaultError`. */
	async dispose(): Promise<void> {
		this.#end.abort('it was stopped');
		this.#worker.terminate();
	}
}

/** `promise`, unless the worker ends first. */
function orEnd<T>(
	promise: Promise<T>,
	end: AbortSignal,
	Failure: new (message: string) => Error
): Promise<T> {
	return new Promise((resolve, reject) => {
		const fail = () => reject(new Failure(`The engine's worker ended: ${String(end.reason)}.`));
		if (end.aborted) fail();
		end.addEventListener('abort', fail, { once: true });
		promise.then(resolve, reject).finally(() => end.removeEventListener('abort', fail));
	});
}

const classes = { ContextOverflowError, ModelFaultError, ModelLoadError, PromptError };

/** An error that came through comlink is a plain `Error` with the right name; this makes it one of its class again. */
function revive(error: unknown): unknown {
	if (!(error instanceof Error)) return error;
	if (error.name === 'AbortError') return error instanceof DOMException ? error : abortError(error.message);
	const Class = Object.hasOwn(classes, error.name) ? classes[error.name as keyof typeof classes] : undefined;
	return !Class || error instanceof Class ? error : new Class(error.message, { cause: error });
}
