import { expose } from 'comlink';
import { EngineHost } from '../../src/models/engine-host.ts';
import {
	ModelFaultError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel
} from '../../src/models/language-model.ts';
import type { WllamaSource } from '../../src/models/wllama/settings.ts';
import { WllamaModel } from '../../src/models/wllama/wllama-model.ts';

/** An order that reaches all engines; the first to take it obeys. */
export interface KillOrder {
	readonly kind: 'worker' | 'device';
	readonly ticket: string;
}

/** A model that loses its simulated device, or the whole worker, on order. */
class MortalModel implements LanguageModel {
	readonly #model: LanguageModel;
	readonly #orders = new BroadcastChannel('joshtree soak');
	readonly #lost: Promise<never>;

	constructor(model: LanguageModel) {
		this.#model = model;
		this.#lost = new Promise((_, reject) => {
			this.#orders.addEventListener('message', ({ data }: MessageEvent<KillOrder>) => {
				if (!('kind' in data)) return;
				void navigator.locks.request(data.ticket, { ifAvailable: true }, async (lock) => {
					if (!lock) return;
					this.#orders.postMessage({ taken: data.ticket });
					if (data.kind === 'device') reject(new ModelFaultError('the simulated GPU device was lost'));
					else
						setTimeout(() => {
							throw new Error('killed by the soak');
						}, 20);
					// Nobody else may take it.
					await new Promise((resolve) => setTimeout(resolve, 5000));
				});
			});
		});
		this.#lost.catch(() => undefined);
	}

	get identity() {
		return this.#model.identity;
	}

	get memory() {
		return this.#model.memory;
	}

	generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation> {
		return Promise.race([this.#lost, this.#model.generate(request, options)]);
	}

	dispose(): Promise<void> {
		return this.#model.dispose();
	}
}

expose(new EngineHost(async (source: WllamaSource) => new MortalModel(await WllamaModel.load(source))));
