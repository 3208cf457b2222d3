import type { PlainMessage } from '../../dialogue/message.ts';
import type { Conversation, Pipeline, TvmFunction } from './engine.ts';

/** Conversations kept beside the one under way. */
const maxParked = 8;
/** Tokens for parked conversations, in lengths of the context; one more length is for the one under way. */
const parkedContexts = 2;
/** Tokens of one page of TVM's paged cache, the number web-llm uses. */
const pageTokens = 16;
/** web-llm computes in this sequence and no other. */
const active = 0;

interface Parked {
	readonly sequence: number;
	readonly tokens: number;
	readonly conversation: Conversation;
}

/**
 * Keeps finished conversations in the key-value cache as sequences of their own, below a web-llm engine that knows nothing
 * of it. The engine goes on with its one current conversation if a request's messages but the last equal it exactly;
 * `activate` makes the parked one that does the current one, by forking its sequence, which shares memory and computes
 * nothing.
 *
 * This reaches into what web-llm keeps private. `install` tests that all of it is there and works, on the real device.
 */
export class BranchParking {
	readonly #pipeline: Pipeline;
	readonly #kv: { dispose(): void };
	readonly #fork: TvmFunction;
	readonly #add: TvmFunction;
	readonly #remove: TvmFunction;
	readonly #capacity: number;
	/** By conversation; the least recently used first. */
	readonly #parked = new Map<string, Parked>();
	#emptied = false;

	private constructor(pipeline: Pipeline) {
		const { tvm, vm, contextWindowSize, prefillChunkSize } = pipeline;
		this.#pipeline = pipeline;
		this.#capacity = parkedContexts * contextWindowSize;
		tvm.beginScope();
		try {
			const kept = (name: string) =>
				tvm.detachFromCurrentScope(tvm.getGlobalFunc(`vm.builtin.kv_state_${name}`));
			this.#fork = kept('fork_sequence');
			this.#add = kept('add_sequence');
			this.#remove = kept('remove_sequence');
			const create = vm.getFunction('create_tir_paged_kv_cache');
			const shape = (value: number) => tvm.makeShapeTuple([value]);
			const total = this.#capacity + contextWindowSize;
			this.#kv = tvm.detachFromCurrentScope(
				create(shape(maxParked + 1), shape(total), shape(prefillChunkSize), shape(pageTokens), shape(0))
			) as { dispose(): void };
		} finally {
			tvm.endScope();
		}
		pipeline.kvCache?.dispose();
		pipeline.kvCache = this.#kv;
		this.#call(this.#add, active);
		pipeline.filledKVCacheLength = 0;
		// The library's own clears every sequence.
		pipeline.resetKVCache = () => {
			this.#emptied = true;
			this.#call(this.#remove, active);
			this.#call(this.#add, active);
		};
	}

	/**
	 * Gives the pipeline a cache of several sequences and tests it: a token put behind a fork must be followed by the
	 * same token as behind the original.
	 *
	 * @throws if anything is missing or the test fails; the pipeline is then unfit for use and must be loaded again
	 */
	static async install(pipeline: Pipeline): Promise<BranchParking> {
		if (pipeline.slidingWindowSize !== -1) throw new Error('a sliding window cannot be forked');
		if (pipeline.artifact !== undefined)
			throw new Error('a model with a manifest creates its cache in its own way');
		if (pipeline.rnnState !== undefined) throw new Error('a recurrent state cannot be forked');
		const parking = new BranchParking(pipeline);
		await parking.#test();
		return parking;
	}

	/**
	 * Makes the parked conversation that `messages` go on with the engine's current one; if there is none, an empty one.
	 * @returns the tokens that need no computing
	 */
	activate(messages: readonly PlainMessage[]): number {
		const key = keyOf(messages.slice(0, -1));
		const parked = this.#parked.get(key);
		if (!parked) {
			this.#pipeline.resetChat();
			this.#emptied = false;
			return 0;
		}
		this.#parked.delete(key);
		this.#parked.set(key, parked);
		this.#forkTo(parked.sequence, active);
		this.#pipeline.setConversation(copyOf(parked.conversation));
		this.#pipeline.filledKVCacheLength = parked.tokens;
		// Newer releases do not go on with a conversation that ended otherwise.
		this.#pipeline.finishReason = 'stop';
		this.#emptied = false;
		return parked.tokens;
	}

	/** Whether the engine threw away what `activate` gave it: it did not take the conversation for the same. */
	get wasEmptied(): boolean {
		return this.#emptied;
	}

	/**
	 * Keeps the engine's current conversation: `messages`, answered by `text`. Only for a reply that ended by itself; of
	 * any other the last token is not in the cache.
	 */
	park(messages: readonly PlainMessage[], text: string): void {
		const conversation = this.#pipeline.getConversationObject();
		// With a thinking block before it, say, the text would not be what the engine compares.
		if (conversation.messages.at(-1)?.[2] !== text) return;
		const key = keyOf([...messages, { role: 'assistant', content: text }]);
		this.#drop(key);
		const tokens = this.#pipeline.filledKVCacheLength;
		if (roomFor(tokens) > this.#capacity) return;
		while (this.#parked.size >= maxParked || this.#used + roomFor(tokens) > this.#capacity) {
			this.#drop(this.#parked.keys().next().value!);
		}
		const sequence = this.#free();
		this.#call(this.#fork, active, sequence, -1);
		this.#parked.set(key, { sequence, tokens, conversation: copyOf(conversation) });
	}

	get #used(): number {
		return [...this.#parked.values()].reduce((sum, { tokens }) => sum + roomFor(tokens), 0);
	}

	#free(): number {
		const taken = new Set([...this.#parked.values()].map(({ sequence }) => sequence));
		let sequence = active + 1;
		while (taken.has(sequence)) sequence++;
		return sequence;
	}

	#drop(key: string): void {
		const parked = this.#parked.get(key);
		if (!parked) return;
		this.#call(this.#remove, parked.sequence);
		this.#parked.delete(key);
	}

	#forkTo(from: number, to: number): void {
		this.#call(this.#remove, to);
		this.#call(this.#fork, from, to, -1);
	}

	#int(value: number): unknown {
		return this.#pipeline.tvm.scalar(value, 'int64');
	}

	#call(what: TvmFunction, ...values: number[]): void {
		const { tvm } = this.#pipeline;
		tvm.beginScope();
		try {
			what(this.#kv, ...values.map((value) => this.#int(value)));
		} finally {
			tvm.endScope();
		}
	}

	async #test(): Promise<void> {
		const pipeline = this.#pipeline;
		const [first, second] = [1, 2];
		const next = async () => {
			pipeline.tvm.setSeed(1);
			return pipeline.forwardTokensAndSample([second], false);
		};
		pipeline.resetChat();
		await pipeline.forwardTokensAndSample([first], true);
		this.#call(this.#fork, active, active + 1, -1);
		const direct = await next();
		this.#forkTo(active + 1, active);
		pipeline.filledKVCacheLength = 1;
		const forked = await next();
		this.#call(this.#remove, active + 1);
		pipeline.resetChat();
		if (direct !== forked) throw new Error('a forked sequence did not go on as its original did');
		if (!this.#emptied) throw new Error('the engine empties its cache in another way');
	}
}

/** Tokens of the pages that a conversation may take: a fork copies a page that is not full. */
function roomFor(tokens: number): number {
	return (Math.ceil(tokens / pageTokens) + 1) * pageTokens;
}

function keyOf(messages: readonly PlainMessage[]): string {
	return JSON.stringify(messages.map(({ role, content }) => [role, content]));
}

/** The engine changes its conversation in place. */
function copyOf(conversation: Conversation): Conversation {
	const copy = Object.create(Object.getPrototypeOf(conversation) as object) as Conversation;
	return Object.assign(copy, conversation, {
		messages: conversation.messages.map((message) => [...message])
	});
}
