import { releaseProxy, type ProxyMethods } from 'comlink';
import type { EngineAnswer, EngineService } from './engine-protocol.ts';
import {
	ModelFaultError,
	type GenerateRequest,
	type LanguageModel,
	type ModelIdentity
} from './language-model.ts';

/** Text on its way to the screen is sent no more often than this, in milliseconds. */
const textInterval = 50;

/** The worker's side of a remote model: `expose(new EngineHost(load))`. */
export class EngineHost<Source> implements EngineService<Source> {
	readonly #load: (source: Source) => Promise<LanguageModel>;
	readonly #requests = new Map<number, AbortController>();
	#model: LanguageModel | undefined;

	constructor(load: (source: Source) => Promise<LanguageModel>) {
		this.#load = load;
	}

	async load(source: Source): Promise<ModelIdentity> {
		this.#model = await this.#load(source);
		return this.#model.identity;
	}

	async generate(
		id: number,
		request: GenerateRequest,
		onText?: (text: string) => void
	): Promise<EngineAnswer> {
		if (!this.#model) throw new ModelFaultError('No model has been loaded in this worker.');
		const controller = new AbortController();
		this.#requests.set(id, controller);
		try {
			const generation = await this.#model.generate(request, {
				signal: controller.signal,
				...(onText ? { onText: seldom(onText) } : {})
			});
			const { memory } = this.#model;
			return memory === undefined ? { generation } : { generation, memory };
		} finally {
			this.#requests.delete(id);
			(onText as Partial<ProxyMethods> | undefined)?.[releaseProxy]?.();
		}
	}

	abort(id: number): void {
		this.#requests.get(id)?.abort();
	}

	async dispose(): Promise<void> {
		await this.#model?.dispose();
	}
}

function seldom(onText: (text: string) => void): (text: string) => void {
	let next = 0;
	return (text) => {
		const now = performance.now();
		if (now < next) return;
		next = now + textInterval;
		onText(text);
	};
}
