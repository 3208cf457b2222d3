import {
	ModelFaultError,
	ModelLoadError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type ModelIdentity
} from './language-model.ts';
import { abortError } from '../base/abort.ts';
import { extendPrompt, messagePiece, preparePrompt, type Prompt } from './prompt.ts';
import { PromptTree } from './prompt-tree.ts';
import { nextAssignment } from './scheduling.ts';

export interface PoolOptions {
	/** Makes one worker: a model that answers one request at a time. */
	readonly spawn: () => Promise<LanguageModel>;
	/** Workers to keep. */
	readonly size: number;
	/** A worker that gives no sign of life for this long, in milliseconds, counts as crashed. 5 minutes by default. */
	readonly stallTimeout?: number;
	/** Bytes of a worker's caches beyond which it is replaced between two requests. 512 MiB by default. */
	readonly memoryLimit?: number;
	/** How often a request may be passed over for one that fits a cache better. 24 by default. */
	readonly patience?: number;
}

export interface PoolStatistics {
	readonly workers: number;
	readonly busy: number;
	readonly waiting: number;
	/** Requests answered. */
	readonly answered: number;
	/** Workers that failed and were replaced or given up. */
	readonly faults: number;
	/** Workers that were replaced because their caches had grown. */
	readonly recycled: number;
	/** Milliseconds that workers spent on requests, added up over workers. */
	readonly busyTime: number;
	readonly promptTokens: number;
	readonly cachedTokens: number;
	readonly completionTokens: number;
}

/** Prompts remembered for each worker: several conversations, both roles of all their branches. */
const remembered = 256;
/**
 * Milliseconds for which an idle worker takes nothing that fits another worker better. Until then the next step of what it worked on
 * may come: between two steps of a search lie some messages between threads.
 */
const takesOverAfter = 20;
/** Spawns that may fail in a row before a worker's place is given up. */
const spawnTries = 3;

interface Job {
	readonly request: GenerateRequest;
	readonly options: GenerateOptions;
	readonly prompt: Prompt;
	readonly resolve: (generation: Generation) => void;
	readonly reject: (error: unknown) => void;
	passedOver: number;
	needsFresh: boolean;
	/** Failures on workers that did nothing else before. */
	freshFaults: number;
}

interface PoolWorker {
	readonly model: LanguageModel;
	readonly prompts: PromptTree;
	fresh: boolean;
	/** A time of `performance.now`; a worker that never worked is idle for ever. */
	idleSince: number;
}

/**
 * Several copies of one model as one `LanguageModel` that takes any number of requests at once. Each request goes to
 * the worker whose cache fits it best. A worker that fails is replaced and its request repeated with the same seed.
 */
export class ModelPool implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #spawn: () => Promise<LanguageModel>;
	readonly #stallTimeout: number;
	readonly #memoryLimit: number;
	readonly #patience: number;
	/** Oldest first. */
	readonly #waiting: Job[] = [];
	/** Idle for longest first. */
	readonly #idle: PoolWorker[] = [];
	readonly #busy = new Map<PoolWorker, { readonly since: number; readonly stop: (error: unknown) => void }>();
	/** Runs when an idle worker may have reason to take something over. */
	#timer: ReturnType<typeof setTimeout> | undefined;
	#starting = 0;
	#disposed = false;
	#lastSpawnError: unknown;
	#totals = {
		answered: 0,
		faults: 0,
		recycled: 0,
		busyTime: 0,
		promptTokens: 0,
		cachedTokens: 0,
		completionTokens: 0
	};

	private constructor(
		identity: ModelIdentity,
		{ spawn, stallTimeout = 300_000, memoryLimit = 2 ** 29, patience = 24 }: PoolOptions
	) {
		this.identity = identity;
		this.#spawn = spawn;
		this.#stallTimeout = stallTimeout;
		this.#memoryLimit = memoryLimit;
		this.#patience = patience;
	}

	/**
	 * Resolves as soon as one worker is ready; the others join when they are.
	 * @throws what `spawn` threw for the first worker, usually a `ModelLoadError`
	 */
	static async start(options: PoolOptions): Promise<ModelPool> {
		// The first worker alone: a model that does not load is not loaded several times.
		const first = await options.spawn();
		const pool = new ModelPool(first.identity, options);
		pool.#join(first);
		for (let i = 1; i < options.size; i++) void pool.#start();
		return pool;
	}

	get statistics(): PoolStatistics {
		const now = performance.now();
		const running = [...this.#busy.values()].reduce((sum, { since }) => sum + now - since, 0);
		return {
			...this.#totals,
			busyTime: this.#totals.busyTime + running,
			workers: this.#workers,
			busy: this.#busy.size,
			waiting: this.#waiting.length
		};
	}

	/**
	 * @throws {ModelFaultError} if the request failed on two fresh workers
	 * @throws {ModelLoadError} or whatever `spawn` threw, if no worker could be started again
	 */
	generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		return new Promise((resolve, reject) => {
			const { signal } = options;
			if (this.#disposed) return reject(abortError('The pool of models was disposed.'));
			if (signal?.aborted) return reject(abortError());
			const settle =
				<T>(finish: (value: T) => void) =>
				(value: T) => {
					signal?.removeEventListener('abort', abort);
					finish(value);
				};
			const job: Job = {
				request,
				options,
				prompt: preparePrompt(request),
				resolve: settle(resolve),
				reject: settle(reject),
				passedOver: 0,
				needsFresh: false,
				freshFaults: 0
			};
			const abort = () => {
				const index = this.#waiting.indexOf(job);
				if (index >= 0) this.#waiting.splice(index, 1);
				reject(abortError());
			};
			signal?.addEventListener('abort', abort, { once: true });
			this.#waiting.push(job);
			// Whatever kept workers from starting may have passed.
			if (this.#workers === 0 && this.#starting === 0) void this.#start();
			this.#assign();
		});
	}

	/** Rejects all that waits or runs with an `AbortError` and disposes of the workers. */
	async dispose(): Promise<void> {
		this.#disposed = true;
		clearTimeout(this.#timer);
		const error = abortError('The pool of models was disposed.');
		for (const job of this.#waiting.splice(0)) job.reject(error);
		const models = [...this.#idle.splice(0), ...this.#busy.keys()].map(({ model }) => model);
		for (const { stop } of [...this.#busy.values()]) stop(error);
		await Promise.all(models.map((model) => model.dispose()));
	}

	get #workers(): number {
		return this.#idle.length + this.#busy.size;
	}

	/** Sends waiting requests to idle workers until nothing fits any more. */
	#assign(): void {
		clearTimeout(this.#timer);
		for (;;) {
			const choice = this.#nextAssignment();
			if (!choice) break;
			for (const older of choice.passedOver) this.#waiting[older]!.passedOver++;
			const [job] = this.#waiting.splice(choice.request, 1);
			const [worker] = this.#idle.splice(choice.worker, 1);
			void this.#run(job!, worker!);
		}
		this.#rejectHopeless();
		this.#assignLater();
	}

	#nextAssignment() {
		if (this.#waiting.length === 0 || this.#idle.length === 0) return undefined;
		const now = performance.now();
		const idle = this.#idle.map(({ prompts, fresh, idleSince }) => {
			const time = now - idleSince;
			return {
				shared: (prompt: Prompt) => prompts.shared(prompt),
				held: (prompt: Prompt) => prompts.held(prompt),
				fresh,
				missed: time < takesOverAfter ? 0 : time / this.#timeOfRequest
			};
		});
		const busy = [...this.#busy.keys()].map(({ prompts }) => prompts);
		return nextAssignment(this.#waiting, idle, busy, this.#patience);
	}

	/** In milliseconds, on average. */
	get #timeOfRequest(): number {
		const { answered, busyTime } = this.#totals;
		return Math.max(takesOverAfter, answered > 0 ? busyTime / answered : 0);
	}

	/** What is left may become worth moving to a worker that stays idle. */
	#assignLater(): void {
		if (this.#waiting.length === 0 || this.#idle.length === 0) return;
		const now = performance.now();
		const waits = this.#idle
			.map(({ idleSince }) => idleSince + takesOverAfter - now)
			.filter((wait) => wait > 0);
		this.#timer = setTimeout(() => this.#assign(), Math.ceil(Math.min(this.#timeOfRequest, ...waits)));
	}

	async #run(job: Job, worker: PoolWorker): Promise<void> {
		const wasFresh = worker.fresh;
		worker.fresh = false;
		worker.prompts.add(job.prompt);
		const since = performance.now();
		let stop: (error: unknown) => void = () => {};
		const stopped = new Promise<never>((_, reject) => (stop = reject));
		this.#busy.set(worker, { since, stop });
		const watch = new Watch(this.#stallTimeout, () =>
			stop(new ModelFaultError(`A model gave no sign of life for ${this.#stallTimeout} ms.`))
		);
		try {
			const answer = worker.model.generate(job.request, {
				...job.options,
				onText: (text) => {
					watch.live();
					job.options.onText?.(text);
				}
			});
			const generation = await Promise.race([answer, stopped]);
			this.#count(generation);
			worker.prompts.add(extendPrompt(job.prompt, [messagePiece(generation.message)]));
			this.#release(worker, since);
			job.resolve(generation);
		} catch (error) {
			if (isFault(error)) {
				this.#leave(worker, since);
				this.#totals.faults++;
				this.#replace(worker);
				this.#repeat(job, wasFresh, error);
			} else {
				this.#release(worker, since);
				job.reject(error);
			}
		} finally {
			watch.end();
		}
		// The caller that got the answer goes on with the conversation, if at all, before the next task: that request fits best.
		setTimeout(() => this.#assign());
	}

	#count({ usage }: Generation): void {
		this.#totals.answered++;
		this.#totals.promptTokens += usage.promptTokens;
		this.#totals.cachedTokens += usage.cachedTokens;
		this.#totals.completionTokens += usage.completionTokens;
	}

	#release(worker: PoolWorker, since: number): void {
		this.#leave(worker, since);
		if (this.#disposed) return;
		// One at a time: the others keep what they know, and work goes on.
		if ((worker.model.memory ?? 0) > this.#memoryLimit && this.#starting === 0) {
			this.#totals.recycled++;
			this.#replace(worker);
		} else this.#idle.push(worker);
	}

	#leave(worker: PoolWorker, since: number): void {
		const now = performance.now();
		this.#busy.delete(worker);
		this.#totals.busyTime += now - since;
		worker.idleSince = now;
	}

	#replace({ model }: PoolWorker): void {
		model.dispose().catch(() => {}); // it is of no use any more
		void this.#start();
	}

	/** Puts a request that failed in front of all others, or gives it up. Its seed stays the same. */
	#repeat(job: Job, wasFresh: boolean, error: unknown): void {
		if (job.options.signal?.aborted) return;
		if (wasFresh) job.freshFaults++;
		if (job.freshFaults >= 2 || this.#disposed) return job.reject(error);
		job.needsFresh = true;
		this.#waiting.unshift(job);
	}

	/** Starts one worker; after some failures its place stays empty. */
	async #start(): Promise<void> {
		this.#starting++;
		for (let tries = 0; tries < spawnTries && !this.#disposed; tries++) {
			try {
				const model = await this.#spawn();
				if (this.#disposed) {
					await model.dispose();
					break;
				}
				if (!sameIdentity(model.identity, this.identity)) {
					await model.dispose();
					throw new ModelLoadError('The model file changed while it was in use. Load it again.');
				}
				this.#starting--;
				this.#join(model);
				return;
			} catch (error) {
				this.#lastSpawnError = error;
			}
		}
		this.#starting--;
		this.#rejectHopeless();
	}

	#join(model: LanguageModel): void {
		this.#idle.push({ model, prompts: new PromptTree(remembered), fresh: true, idleSince: -Infinity });
		this.#assign();
	}

	/** Ends the waiting of requests for workers that will never come. */
	#rejectHopeless(): void {
		if (this.#starting > 0 || this.#waiting.length === 0) return;
		const hopeless =
			this.#workers === 0 ? [...this.#waiting] : this.#waiting.filter(({ needsFresh }) => needsFresh);
		for (const job of hopeless) {
			this.#waiting.splice(this.#waiting.indexOf(job), 1);
			job.reject(this.#lastSpawnError ?? new ModelFaultError('No model could be started again.'));
		}
	}
}

/** Calls `onStall` when `live()` was not called for `timeout` milliseconds. */
class Watch {
	readonly #timeout: number;
	readonly #onStall: () => void;
	#last = performance.now();
	#timer: ReturnType<typeof setTimeout>;

	constructor(timeout: number, onStall: () => void) {
		this.#timeout = timeout;
		this.#onStall = onStall;
		this.#timer = setTimeout(this.#check, timeout);
	}

	live(): void {
		this.#last = performance.now();
	}

	end(): void {
		clearTimeout(this.#timer);
	}

	readonly #check = (): void => {
		const left = this.#last + this.#timeout - performance.now();
		if (left <= 0) this.#onStall();
		else this.#timer = setTimeout(this.#check, left);
	};
}

function isFault(error: unknown): boolean {
	return error instanceof Error && error.name === 'ModelFaultError';
}

function sameIdentity(a: ModelIdentity, b: ModelIdentity): boolean {
	return a.hash === b.hash && a.engine === b.engine;
}
