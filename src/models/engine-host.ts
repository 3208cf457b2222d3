import '../base/wire.ts';
import { releaseProxy, type ProxyMethods } from 'comlink';
import type { EngineAnswer, EngineService } from './engine-protocol.ts';
import {
	ModelFaultError,
	type GenerateRequest,
	type LanguageModel,
	type LoadOptions,
	type LoadProgress,
	type ModelIdentity
} from './language-model.ts';

/** Text on its way to the screen is sent no more often than this, in milliseconds. */
const textInterval = 50;

type Load<Source> = (source: Source, options: LoadOptions) => Promise<LanguageModel>;

/** The worker's side of a remote model: `expose(new EngineHost(load))`. */
export class EngineHost<Source> implements EngineService<Source> {
	readonly #load: Load<Source>;
	readonly #requests = new Map<number, AbortController>();
	#model: LanguageModel | undefined;

	constructor(load: Load<Source>) {
		this.#load = load;
	}

	async load(source: Source, onProgress?: (progress: LoadProgress) => void): Promise<ModelIdentity> {
		try {
			this.#model = await this.#load(source, onProgress ? { onProgress } : {});
			return this.#model.identity;
		} finally {
			release(onProgress);
		}
	}

	async generate(
		id: number,
		request: GenerateRequest,
		onText?: (text: string) => void
	): Promise<EngineAnswer> {
		if (!this.#model) throw new ModelFaultError('No model has been loaded in this worker.');
		const controller = new AbortController();
		this.#requests.set(id, controller);
		let live = true;
		try {
			const generation = await this.#model.generate(request, {
				signal: controller.signal,
				// An engine may write on for a while after an abort; the listener cannot be called once it is released.
				...(onText ? { onText: throttled((text) => void (live && onText(text))) } : {})
			});
			const { memory } = this.#model;
			return memory === undefined ? { generation } : { generation, memory };
		} finally {
			live = false;
			this.#requests.delete(id);
			release(onText);
		}
	}

	abort(id: number): void {
		this.#requests.get(id)?.abort();
	}

	async dispose(): Promise<void> {
		await this.#model?.dispose();
	}
}

/** Lets the other side forget a callback, if it came through comlink. */
function release(callback: unknown): void {
	(callback as Partial<ProxyMethods> | undefined)?.[releaseProxy]?.();
}

function throttled(onText: (text: string) => void): (text: string) => void {
	let next = 0;
	return (text) => {
		const now = performance.now();
		if (now < next) return;
		next = now + textInterval;
		onText(text);
	};
}
