import { fnv1a32, mix32 } from '../../../src/base/hash.ts';
import type { PlainMessage } from '../../../src/dialogue/message.ts';
import type {
	ChatBody,
	ChatChunk,
	Conversation,
	Engine,
	Library,
	LoadedOptions,
	ModelRecord,
	Pipeline,
	ProgressReport,
	Tvm,
	TvmFunction
} from '../../../src/models/webllm/engine.ts';

export const record: ModelRecord = {
	model: 'https://example.org/models/Tiny-1B-q4f32_1-MLC',
	model_id: 'Tiny-1B-q4f32_1-MLC',
	model_lib: 'https://example.org/libs/Tiny-1B-q4f32_1-webgpu.wasm',
	overrides: { context_window_size: 400 },
	vram_required_MB: 100
};

/** What a reply is and how it ends; by default letters that depend on the seed and on all that the cache holds. */
export type Writer = (body: ChatBody, cache: string) => { readonly text: string; readonly endless?: boolean };

export interface FakeOptions {
	readonly write?: Writer;
	/** Names of TVM functions that the runtime lacks. */
	readonly lacks?: readonly string[];
	/** What a fork gets instead of its parent's content. */
	readonly spoilFork?: (content: string) => string;
	/** The engine takes no conversation for the one it has, whatever lies in its cache. */
	readonly forgetful?: boolean;
	/** Thrown by the loads listed, counted from 1. */
	readonly loadErrors?: Readonly<Record<number, unknown>>;
}

/** web-llm's end-of-turn mark: it ends each message of a prompt, but is never put behind a reply that was just drawn. */
const mark = '|';

export const letters: Writer = ({ seed }, cache) => {
	let state = mix32(seed ^ fnv1a32(cache));
	const length = 3 + (state % 5);
	const text = Array.from({ length }, () => String.fromCharCode(97 + ((state = mix32(state + 1)) % 26))).join(
		''
	);
	return { text };
};

class FakeConversation implements Conversation {
	messages: [string, string, string | undefined][] = [];
	override_system_message: string | undefined;
	readonly config = { role_templates: { user: '{user_message}', assistant: '{assistant_message}' } };

	static of(messages: readonly PlainMessage[]): FakeConversation {
		const conversation = new FakeConversation();
		for (const [index, { role, content }] of messages.entries()) {
			if (role !== 'system') conversation.messages.push([role, role, content]);
			else if (index === 0) conversation.override_system_message = content;
			else throw 'SystemMessageOrderError: System prompt should always be the first message in `messages`.';
		}
		return conversation;
	}

	equals(other: FakeConversation): boolean {
		return (
			this.override_system_message === other.override_system_message &&
			JSON.stringify(this.messages) === JSON.stringify(other.messages)
		);
	}

	/** One character is one token. */
	render(from: number): string {
		const system =
			from === 0 ? fill('s:{}', this.override_system_message ?? 'You are a helpful assistant.') + mark : '';
		return (
			system +
			this.messages
				.slice(from)
				.map(([role, , content]) => `${role[0]}:${content === undefined ? '' : fill('{}', content) + mark}`)
				.join('')
		);
	}
}

/** As web-llm fills its templates in, with all that `replace` makes of a dollar sign. */
const fill = (template: string, text: string) => template.replace('{}', text);

/** Sequences of a paged key-value cache, with the errors that TVM's has. */
class FakeCache {
	readonly sequences = new Map<number, string>();
	disposed = false;
	readonly #maxSequences: number;
	readonly #maxTokens: number;

	constructor(maxSequences: number, maxTokens: number) {
		this.#maxSequences = maxSequences;
		this.#maxTokens = maxTokens;
	}

	dispose(): void {
		this.disposed = true;
	}

	clear(): void {
		this.sequences.clear();
	}

	add(id: number): void {
		if (this.sequences.has(id)) throw new Error(`The sequence "${id}" is already in the KV cache.`);
		if (this.sequences.size >= this.#maxSequences)
			throw new Error('The KV cache has no room for a sequence.');
		this.sequences.set(id, '');
	}

	remove(id: number): void {
		if (!this.sequences.delete(id)) throw new Error(`The sequence "${id}" cannot be found in KV cache.`);
	}

	append(id: number, tokens: string): void {
		const before = this.sequences.get(id);
		if (before === undefined) throw new Error(`The sequence "${id}" cannot be found in KV cache.`);
		this.sequences.set(id, before + tokens);
		this.#check();
	}

	fork(parent: number, child: number, content: (text: string) => string): void {
		const text = this.sequences.get(parent);
		if (text === undefined) throw new Error(`The parent sequence "${parent}" cannot be found in KV cache.`);
		this.add(child);
		this.sequences.set(child, content(text));
		this.#check();
	}

	/** As if nothing were shared, which is the worst case. */
	#check(): void {
		const pages = [...this.sequences.values()].reduce((sum, text) => sum + Math.ceil(text.length / 16), 0);
		if (pages * 16 > this.#maxTokens) throw new Error('The KV cache is full. No page can be allocated.');
	}
}

class FakePipeline implements Pipeline {
	filledKVCacheLength = 0;
	finishReason: string | undefined = undefined;
	readonly slidingWindowSize = -1;
	readonly prefillChunkSize = 128;
	readonly contextWindowSize: number;
	kvCache: FakeCache;
	disposed = false;
	/** Scopes that were begun and not ended. */
	scopes = 0;
	/** A tensor function was used outside of any scope. */
	leaks = 0;
	seed = 0;
	#conversation = new FakeConversation();
	readonly #options: FakeOptions;

	constructor(contextWindowSize: number, options: FakeOptions) {
		this.contextWindowSize = contextWindowSize;
		this.#options = options;
		this.kvCache = new FakeCache(1, contextWindowSize + 15);
		this.resetChat();
	}

	readonly tvm: Tvm = {
		beginScope: () => void this.scopes++,
		endScope: () => void this.scopes--,
		detachFromCurrentScope: (value) => {
			if (this.scopes === 0)
				throw new Error('Must call beginScope to use functions that returns TVM objects');
			return value;
		},
		getGlobalFunc: (name) => {
			if (this.scopes === 0)
				throw new Error('Must call beginScope to use functions that returns TVM objects');
			if (this.#options.lacks?.includes(name)) throw new Error(`Cannot find global function ${name}`);
			return this.#global(name);
		},
		scalar: (value, type) => ({ value, type }),
		makeShapeTuple: (shape) => shape,
		setSeed: (seed) => void (this.seed = seed)
	};

	readonly vm = {
		getFunction: (name: string): TvmFunction => {
			if (name !== 'create_tir_paged_kv_cache' || this.#options.lacks?.includes(name)) {
				throw new Error(`Cannot find function ${name}`);
			}
			return (sequences, tokens) => new FakeCache((sequences as [number])[0], (tokens as [number])[0]);
		}
	};

	#global(name: string): TvmFunction {
		const number = (scalar: unknown) => (scalar as { value: number }).value;
		const spoil = this.#options.spoilFork ?? ((content) => content);
		const functions: Record<string, (cache: FakeCache, ...values: number[]) => void> = {
			'vm.builtin.kv_state_fork_sequence': (cache, parent, child, position) => {
				if (position !== -1) throw new Error('a fork in the middle was not asked for');
				cache.fork(parent!, child!, spoil);
			},
			'vm.builtin.kv_state_add_sequence': (cache, id) => cache.add(id!),
			'vm.builtin.kv_state_remove_sequence': (cache, id) => cache.remove(id!)
		};
		const found = functions[name];
		if (!found) throw new Error(`Cannot find global function ${name}`);
		return (cache, ...values) => {
			if ((cache as FakeCache).disposed) throw new Error('Object has already been disposed');
			found(cache as FakeCache, ...values.map(number));
		};
	}

	getConversationObject(): FakeConversation {
		return this.#conversation;
	}

	setConversation(conversation: FakeConversation): void {
		this.#conversation = conversation;
	}

	resetChat(): void {
		this.#conversation.messages = [];
		this.#conversation.override_system_message = undefined;
		this.finishReason = undefined;
		this.resetKVCache();
		this.filledKVCacheLength = 0;
	}

	resetKVCache(): void {
		this.kvCache.clear();
		this.kvCache.add(0);
	}

	append(tokens: string): void {
		if (this.disposed) throw new Error('Object has already been disposed');
		this.kvCache.append(0, tokens);
		this.filledKVCacheLength += tokens.length;
		const held = this.kvCache.sequences.get(0)!;
		if (held.length !== this.filledKVCacheLength) {
			throw new Error('Internal Error: filledKVCacheLength does not match expected value.');
		}
	}

	async forwardTokensAndSample(tokens: number[]): Promise<number> {
		this.append(tokens.map((token) => String.fromCharCode(token)).join(''));
		return mix32(this.seed ^ fnv1a32(this.kvCache.sequences.get(0)!)) % 1000;
	}
}

/** Stands in for `MLCEngine`: its lock, its rule of going on with a conversation, its interruption, its errors. */
export class FakeEngine implements Engine {
	readonly bodies: ChatBody[] = [];
	readonly prefilled: number[] = [];
	loads = 0;
	unloads = 0;
	/** Called before each token; may throw, or lose the device. */
	beforeToken: (token: number, engine: FakeEngine) => void | Promise<void> = () => {};
	/** Called when a request's turn has come, before an earlier interruption is forgotten. */
	beforeStart: () => void = () => {};
	readonly #options: FakeOptions;
	readonly #onProgress: (report: ProgressReport) => void;
	#pipeline: FakePipeline | undefined;
	#interrupted = false;
	#lock: Promise<void> = Promise.resolve();
	#running = 0;
	mostAtOnce = 0;

	constructor(options: FakeOptions = {}, onProgress: (report: ProgressReport) => void = () => {}) {
		this.#options = options;
		this.#onProgress = onProgress;
	}

	async reload(options: LoadedOptions): Promise<void> {
		await this.unload();
		this.loads++;
		this.#onProgress({
			progress: 0.5,
			text: 'Fetching param cache[1/2]: 1MB fetched. 50% completed, 1 secs elapsed.'
		});
		await Promise.resolve();
		const error = this.#options.loadErrors?.[this.loads];
		if (error !== undefined) throw error;
		this.#onProgress({ progress: 1, text: 'Loading model from cache[2/2]: 2MB loaded.' });
		this.#pipeline = new FakePipeline(options.context_window_size, this.#options);
	}

	async unload(): Promise<void> {
		this.unloads++;
		if (this.#pipeline) this.#pipeline.disposed = true;
		this.#pipeline = undefined;
	}

	/** What web-llm does when WebGPU tells it that the device is gone. */
	loseDevice(): void {
		void this.unload();
	}

	pipeline(): FakePipeline | undefined {
		return this.#pipeline;
	}

	async resetChat(): Promise<void> {
		this.#loaded().resetChat();
	}

	async interrupt(): Promise<void> {
		this.#interrupted = true;
	}

	async create(body: ChatBody): Promise<AsyncIterable<ChatChunk>> {
		this.bodies.push(body);
		const pipeline = this.#loaded();
		if (body.messages.at(-1)?.role !== 'user') {
			throw 'MessageOrderError: Last message should be from either `user` or `tool`.';
		}
		return this.#stream(body, pipeline);
	}

	#loaded(): FakePipeline {
		if (!this.#pipeline) {
			throw 'ModelNotLoadedError: Model not loaded before trying to complete ChatCompletionRequest.';
		}
		return this.#pipeline;
	}

	async *#stream(body: ChatBody, pipeline: FakePipeline): AsyncGenerator<ChatChunk> {
		// Like that of web-llm up to 0.2.83, this lock is not let go of when a reader leaves early.
		const before = this.#lock;
		let release = () => {};
		this.#lock = new Promise((resolve) => (release = resolve));
		await before;
		this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
		let leftEarly = true;
		try {
			this.beforeStart();
			this.#interrupted = false;
			const prompt = this.#prefill(body, pipeline);
			let drawn = '';
			let text = '';
			let finish: 'stop' | 'length' | 'abort' | undefined;
			const { text: whole, endless } = (this.#options.write ?? letters)(
				body,
				pipeline.kvCache.sequences.get(0)!
			);
			while (!finish) {
				if (drawn !== '' && this.#interrupted) {
					finish = 'abort';
					break;
				}
				// The token drawn last is put into the cache only when the next one is wanted.
				if (drawn !== '') pipeline.append(drawn.at(-1)!);
				await this.beforeToken(drawn.length, this);
				await Promise.resolve();
				const next = endless ? 'e' : (whole[drawn.length] ?? mark);
				drawn += next;
				if (next === mark) finish = 'stop';
				else text += next;
				if (text.length >= body.max_tokens) finish = 'length';
				if (!finish && pipeline.filledKVCacheLength === pipeline.contextWindowSize) finish = 'length';
				yield { choices: [{ delta: { content: next === mark ? '' : next }, finish_reason: null }] };
			}
			pipeline.finishReason = finish;
			pipeline.getConversationObject().messages.at(-1)![2] = text;
			yield { choices: [{ delta: {}, finish_reason: finish }] };
			yield {
				choices: [],
				usage: {
					prompt_tokens: prompt,
					completion_tokens: drawn.length,
					extra: { e2e_latency_s: 0.5, time_to_first_token_s: 0.2 }
				}
			};
			leftEarly = false;
		} catch (error) {
			leftEarly = false;
			throw error;
		} finally {
			this.#running--;
			if (!leftEarly) release();
		}
	}

	/** web-llm's rule: a conversation is gone on with if all messages but the last are the current one's. */
	#prefill({ messages }: ChatBody, pipeline: FakePipeline): number {
		const wanted = FakeConversation.of(messages.slice(0, -1));
		const current = pipeline.getConversationObject();
		const goesOn =
			!this.#options.forgetful &&
			pipeline.finishReason !== 'abort' &&
			pipeline.finishReason !== 'length' &&
			wanted.messages.length > 0 &&
			wanted.equals(current);
		if (!goesOn) {
			pipeline.resetChat();
			pipeline.setConversation(wanted);
		}
		const conversation = pipeline.getConversationObject();
		const at = conversation.messages.length;
		const last = messages.at(-1)!;
		conversation.messages.push(['user', 'user', last.content], ['assistant', 'assistant', undefined]);
		const tokens = conversation.render(pipeline.filledKVCacheLength === 0 ? 0 : at);
		if (tokens.length + pipeline.filledKVCacheLength > pipeline.contextWindowSize) {
			throw `ContextWindowSizeExceededError: Prompt tokens exceed context window size: number of prompt tokens: ${tokens.length}; context window size: ${pipeline.contextWindowSize}`;
		}
		pipeline.append(tokens);
		this.prefilled.push(tokens.length);
		return tokens.length;
	}
}

/** A library whose engines are fakes; `engines` has those it made. */
export function fakeLibrary(options: FakeOptions = {}, models: readonly ModelRecord[] = [record]) {
	const engines: FakeEngine[] = [];
	const cached = new Set<string>();
	const library: Library = {
		models,
		createEngine: (_, onProgress) => {
			const engine = new FakeEngine(options, onProgress);
			engines.push(engine);
			return engine;
		},
		isCached: async ({ model_id }) => cached.has(model_id),
		deleteFromCache: async ({ model_id }) => void cached.delete(model_id)
	};
	return { library, engines, cached };
}
