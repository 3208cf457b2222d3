import type OpenAI from 'openai';
import { parseJson } from '../../base/json-read.ts';
import { canonicalJson, writeJson, type JsonObject } from '../../base/json.ts';
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
import { abortError, unlessAborted } from '../../base/abort.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { serverAddress } from './address.ts';
import { createClient } from './client.ts';
import { describeModel, type ServerModelFacts } from './describe-model.ts';
import { BrokenReplyError, faultOf, type Fault } from './faults.ts';
import { FirstAnswer } from './first-answer.ts';
import { fieldsNamedIn, withoutFields } from './optional-fields.ts';
import { GivenUp, withRetry } from './with-retry.ts';
import { requestBody, type RequestBody } from './request-body.ts';
import { bodiesOf } from './reply-bodies.ts';
import { readServerReply, ReplyReader, type ServerReply } from './server-reply.ts';
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
	readonly #places: Semaphore;
	readonly #disposal = new AbortController();
	/** Requests with tools and those without: the agent's and the user simulator's, which a server may take or not. */
	readonly #answers = { withTools: new FirstAnswer(), withoutTools: new FirstAnswer() };
	/** Optional fields that the server has refused. */
	readonly #notTaken = new Set<string>();

	private constructor(parts: Parts) {
		const { facts, settings, limits } = parts;
		this.#parts = parts;
		this.#places = new Semaphore(limits.concurrency);
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
		const facts = await withRetry(
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
		const leave = await this.#places.acquire(1, signal);
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
				if (error instanceof BrokenReplyError) watched = undefined;
				throw error;
			}
		};
		const hasTools = request.tools.length > 0;
		const answers = hasTools ? this.#answers.withTools : this.#answers.withoutTools;
		try {
			return await answers.of(withRetry(once, limits, signal, this.#understand));
		} catch (error) {
			if (!(error instanceof GivenUp)) throw error;
			const { fault } = error;
			if (fault.refused && !(await answers.came())) {
				throw new ModelLoadError(
					`${fault.error.message} It has not answered any request with${hasTools ? '' : 'out'} tools yet, so it would refuse all of them.`,
					{ cause: fault.error }
				);
			}
			// A server that is gone or has no time says nothing about this conversation: the run waits for it.
			if (!fault.passing || (!fault.busy && (await this.#isThere(signal)))) throw fault.error;
			throw new ModelLoadError(
				`${fault.error.message} (tried ${limits.tries} times). What is done is kept; go on when the server is back.`,
				{ cause: fault.error }
			);
		}
	}

	/** One try. What the server refuses in it and can do without is left out, there and then. */
	async #once(
		asked: RequestBody,
		request: GenerateRequest,
		signal: AbortSignal,
		onText: ((text: string) => void) | undefined
	): Promise<Generation> {
		const whole: RequestBody = {
			...asked,
			...(onText && { stream: true, stream_options: { include_usage: true } })
		};
		for (const leftOut = new Set(this.#notTaken); ;) {
			const body = withoutFields(whole, leftOut);
			try {
				const generation = await this.#ask(body, request, signal, onText);
				for (const field of leftOut) this.#notTaken.add(field);
				const notTaken = [...leftOut].filter((field) => Object.hasOwn(whole, field));
				return withWarnings(
					generation,
					notTaken.map((field) => `${field} was not taken by ${this.#parts.address.origin} and was left out`)
				);
			} catch (error) {
				const { refused, error: refusal } = this.#understand(error);
				const fields = refused ? fieldsNamedIn(refusal.message, body) : [];
				if (fields.length === 0) throw error;
				for (const field of fields) leftOut.add(field);
			}
		}
	}

	async #ask(
		body: RequestBody,
		request: GenerateRequest,
		signal: AbortSignal,
		onText: ((text: string) => void) | undefined
	): Promise<Generation> {
		const started = performance.now();
		let first: number | undefined;
		const { client, address } = this.#parts;
		const reader = new ReplyReader();
		// As text: the client cannot write whole numbers of any size, nor read them.
		const sent = { body: writeJson(body), headers: { 'Content-Type': 'application/json' }, signal };
		const response = await client.post('/chat/completions', sent).asResponse();
		for await (const part of bodiesOf(response)) {
			if (!reader.add(part) || !onText) continue;
			first ??= performance.now();
			if (!signal.aborted) onText(reader.text);
		}
		const reply = reader.end();
		this.#check(reply, body);
		const ended = performance.now();
		const names = this.#parts.settings.tools === 'native' ? new ToolNames(request.tools) : undefined;
		const tools = names?.tools(request.tools) ?? request.tools;
		const { message, ...read } = readServerReply(reply, { ...request, tools });
		return {
			...read,
			message: names?.restored(message) ?? message,
			finishReason: reply.finish === 'length' ? 'length' : 'stop',
			usage: reply.usage,
			timing: { prompt: (first ?? started) - started, completion: ended - (first ?? started) },
			...(reply.warnings.length > 0 && { warnings: reply.warnings.map((one) => `${address.origin} ${one}`) })
		};
	}

	#check({ finish, usage }: ServerReply, { max_tokens: asked }: RequestBody): void {
		const { contextTokens } = this.identity;
		const { promptTokens, completionTokens } = usage;
		// One token more or less: servers do not agree on what counts.
		const isFull =
			contextTokens > 0 && completionTokens < asked! && promptTokens + completionTokens >= contextTokens - 1;
		if (finish === 'overflow' || (finish === 'length' && isFull)) {
			throw new ContextOverflowError(
				`Prompt (${promptTokens} tokens) and reply do not fit into the context` +
					`${contextTokens > 0 ? ` of ${contextTokens} tokens` : ''}.`
			);
		}
		if (finish === 'withheld') throw new ModelFaultError('The server withheld its reply (content filter).');
	}

	/** Asked twice: the first may go down a connection that the server has ended. */
	async #isThere(signal: AbortSignal): Promise<boolean> {
		const { client, address, facts, limits } = this.#parts;
		try {
			await withRetry(
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
		...(body && { body: parseJson(canonicalJson(body)) as JsonObject })
	};
}

function withWarnings(generation: Generation, warnings: readonly string[]): Generation {
	const all = [...warnings, ...(generation.warnings ?? [])];
	return all.length === 0 ? generation : { ...generation, warnings: all };
}
