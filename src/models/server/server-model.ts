import type OpenAI from 'openai';
import { canonicalJson, type JsonObject } from '../../base/json.ts';
import { ToolNames } from '../../dialogue/tool-names.ts';
import {
	ContextOverflowError,
	ModelFaultError,
	ModelLoadError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type LoadOptions,
	type ModelIdentity
} from '../language-model.ts';
import { abortError, unlessAborted } from '../one-at-a-time.ts';
import { serverAddress } from './address.ts';
import { createClient } from './client.ts';
import { describeModel, type ServerModelFacts } from './describe-model.ts';
import { BrokenReplyError, faultOf, type Fault } from './faults.ts';
import { GivenUp, persistently } from './persistently.ts';
import { Places } from './places.ts';
import { requestBody, type RequestBody } from './request-body.ts';
import { readServerReply, streamedReply, wholeReply, type ServerReply } from './server-reply.ts';
import {
	defaultLimits,
	defaultSettings,
	type ServerLimits,
	type ServerSettings,
	type ServerSource
} from './settings.ts';

/** How long a server may take to say that it is still there, in milliseconds. */
const signOfLifeLimit = 10_000;

interface Parts {
	readonly client: OpenAI;
	readonly address: URL;
	readonly key: string | undefined;
	readonly facts: ServerModelFacts;
	readonly settings: ServerSettings;
	readonly limits: ServerLimits;
	readonly streams: boolean;
}

/** A model on a server that speaks OpenAI's chat completions. Takes any number of requests; sends so many at once. */
export class ServerModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #parts: Parts;
	readonly #places: Places;
	readonly #disposal = new AbortController();

	private constructor(parts: Parts) {
		const { facts, settings, limits } = parts;
		this.#parts = parts;
		this.#places = new Places(limits.concurrency);
		this.identity = {
			name: facts.id,
			hash: facts.hash,
			engine: 'openai-compatible',
			settings: recorded(settings, facts),
			contextTokens: facts.contextTokens ?? settings.contextTokens ?? 0,
			reproducible: false
		};
	}

	/**
	 * Looks whether the server is there and has the model.
	 * @throws {ModelLoadError} that says what to do
	 */
	static async load(source: ServerSource, { signal }: LoadOptions = {}): Promise<ServerModel> {
		const address = serverAddress(source.address);
		const key = source.key === '' ? undefined : source.key;
		const client = createClient(address, key);
		const limits = { ...defaultLimits, ...source.limits };
		const until = signal ?? new AbortController().signal;
		const facts = await persistently(
			(limit) => describeModel(client, address, source.model, limit),
			{ ...limits, timeLimit: Math.min(limits.timeLimit, 3 * signOfLifeLimit) },
			until,
			(error) => faultOf(error, { server: address.origin, model: source.model, ...(key && { key }) })
		).catch((error: unknown) => {
			throw error instanceof GivenUp
				? new ModelLoadError(error.message, { cause: error.fault.error })
				: error;
		});
		return new ServerModel({
			client,
			address,
			key,
			facts,
			settings: { ...defaultSettings, ...source.settings },
			limits,
			streams: source.streams ?? true
		});
	}

	async generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		// A signal of this request's own: listeners would pile up on one that lives as long as the model.
		const ends = [this.#disposal.signal, ...(options.signal ? [options.signal] : [])];
		const signal = AbortSignal.any(ends);
		const { facts, settings } = this.#parts;
		const body = requestBody(request, facts.id, settings, facts.dialect);
		const leave = await this.#places.enter(signal);
		const work = this.#complete(body, request, signal, options.onText);
		work.then(leave, leave);
		return unlessAborted(work, signal);
	}

	/** Requests under way reject with an `AbortError`. */
	async dispose(): Promise<void> {
		this.#disposal.abort();
	}

	async #complete(
		body: RequestBody,
		request: GenerateRequest,
		signal: AbortSignal,
		onText: ((text: string) => void) | undefined
	): Promise<Generation> {
		const { limits, streams } = this.#parts;
		let watched = streams ? onText : undefined;
		const once = async (limit: AbortSignal) => {
			try {
				return await this.#once(body, request, limit, watched);
			} catch (error) {
				// llama-cpp-python breaks a stream off where it would otherwise say what is wrong.
				if (error instanceof BrokenReplyError || error instanceof TypeError) watched = undefined;
				throw error;
			}
		};
		try {
			return await persistently(once, limits, signal, this.#understand);
		} catch (error) {
			if (!(error instanceof GivenUp)) throw error;
			const { fault } = error;
			// A server that is gone or has no time says nothing about this conversation: the run waits for it.
			if (!fault.passing || (!fault.busy && (await this.#isThere(signal)))) throw fault.error;
			throw new ModelLoadError(
				`${fault.error.message} (tried ${limits.tries} times). What is done is kept; go on when the server is back.`,
				{ cause: fault.error }
			);
		}
	}

	async #once(
		body: RequestBody,
		request: GenerateRequest,
		signal: AbortSignal,
		onText: ((text: string) => void) | undefined
	): Promise<Generation> {
		const started = performance.now();
		let first: number | undefined;
		const { chat } = this.#parts.client;
		let reply: ServerReply;
		if (onText) {
			const asked = { ...body, stream: true, stream_options: { include_usage: true } } as const;
			reply = await streamedReply(await chat.completions.create(asked, { signal }), (text) => {
				first ??= performance.now();
				if (!signal.aborted) onText(text);
			});
		} else {
			reply = wholeReply(await chat.completions.create(body, { signal }));
		}
		this.#check(reply, body);
		const ended = performance.now();
		const { message, ...read } = readServerReply(reply, request.seed);
		const isNative = this.#parts.settings.tools === 'native';
		return {
			...read,
			message: isNative ? new ToolNames(request.tools).restored(message) : message,
			finishReason: reply.finish === 'length' ? 'length' : 'stop',
			usage: reply.usage,
			timing: { prompt: (first ?? started) - started, completion: ended - (first ?? started) }
		};
	}

	#check({ finish, usage }: ServerReply, { max_tokens: asked }: RequestBody): void {
		const { contextTokens } = this.identity;
		const used = usage.promptTokens + usage.completionTokens;
		// One token more or less: servers do not agree on what counts.
		if (
			finish === 'length' &&
			contextTokens > 0 &&
			usage.completionTokens < asked! &&
			used >= contextTokens - 1
		) {
			throw new ContextOverflowError(
				`Prompt (${usage.promptTokens} tokens) and reply do not fit into the context of ${contextTokens} tokens.`
			);
		}
		if (finish === 'content_filter')
			throw new ModelFaultError('The server withheld its reply (content_filter).');
	}

	/** Asked twice: the first may go down a connection that the server has ended. */
	async #isThere(signal: AbortSignal): Promise<boolean> {
		const { client, address, facts, limits } = this.#parts;
		try {
			await persistently(
				(limit) => describeModel(client, address, facts.id, limit),
				{ ...limits, tries: 2, timeLimit: signOfLifeLimit },
				signal,
				this.#understand
			);
			return true;
		} catch {
			if (signal.aborted) throw abortError();
			return false;
		}
	}

	readonly #understand = (error: unknown): Fault => {
		const { address, facts, key } = this.#parts;
		return faultOf(error, { server: address.origin, model: facts.id, ...(key && { key }) });
	};
}

/** All that decides what is sent; the address does not, and may change from one day to the next. */
function recorded(settings: ServerSettings, { dialect }: ServerModelFacts): JsonObject {
	const { tools, greeting, grammarField, body } = settings;
	return {
		tools,
		greeting,
		dialect: dialect.name,
		...(grammarField !== undefined && { grammarField }),
		...(body && { body: JSON.parse(canonicalJson(body)) as JsonObject })
	};
}
