import type {
	GenerateOptions,
	GenerateRequest,
	Generation,
	LanguageModel,
	ModelIdentity
} from '../../src/models/language-model.ts';

/** One answered request. Times are milliseconds of one clock. */
export interface RecordedRequest {
	/** Which worker answered it, counted in the order of their starts. */
	readonly worker: number;
	readonly began: number;
	readonly ended: number;
	readonly request: GenerateRequest;
	readonly generation: Generation;
}

/** Writes down what a pool asks of its workers. */
export class Recorder {
	readonly requests: RecordedRequest[] = [];
	/** When each worker was ready. */
	readonly ready: number[] = [];
	/** When a worker was taken out of use. */
	readonly disposed: (number | undefined)[] = [];

	record(model: LanguageModel): LanguageModel {
		return new RecordedModel(model, this, this.ready.push(performance.now()) - 1);
	}
}

class RecordedModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #model: LanguageModel;
	readonly #recorder: Recorder;
	readonly #worker: number;

	constructor(model: LanguageModel, recorder: Recorder, worker: number) {
		this.identity = model.identity;
		this.#model = model;
		this.#recorder = recorder;
		this.#worker = worker;
	}

	get memory(): number | undefined {
		return this.#model.memory;
	}

	async generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation> {
		const began = performance.now();
		const generation = await this.#model.generate(request, options);
		const ended = performance.now();
		this.#recorder.requests.push({ worker: this.#worker, began, ended, request, generation });
		return generation;
	}

	dispose(): Promise<void> {
		this.#recorder.disposed[this.#worker] = performance.now();
		return this.#model.dispose();
	}
}
