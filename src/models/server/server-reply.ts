import { isJsonObject, jsonText, writeJson, type Json, type JsonObject } from '../../base/json.ts';
import { writeHermesCall } from '../../dialogue/hermes-write.ts';
import type { AssistantMessage, ToolCall } from '../../dialogue/message.ts';
import { readReply } from '../../dialogue/syntax/read-reply.ts';
import type { GenerateRequest, Generation, Usage } from '../language-model.ts';
import { generationOf } from '../reply.ts';
import { complaintIn } from './complaint.ts';
import { BrokenReplyError } from './faults.ts';
import { excerpt } from './reply-bodies.ts';
import { isThought, noThoughts, thoughtsBeside, thoughtsInParts, type SentThoughts } from './thoughts.ts';
import { callEntries, StreamedCalls, wholeCall } from './wire-calls.ts';
import { callFromWire, type WireCall } from './wire-messages.ts';

/** Why a reply ended. `overflow`: the context is full. `withheld`: by a filter. */
export type Finish = 'stop' | 'length' | 'overflow' | 'withheld';

/** What a server answered, streamed or not. */
export interface ServerReply {
	/** What the model thought, where the server tells it apart; "" if nothing. */
	readonly thoughts: string;
	readonly content: string;
	readonly calls: readonly WireCall[];
	readonly finish: Finish;
	readonly usage: Usage;
	/** What of it was not taken, each as the end of a sentence that begins with the server. */
	readonly warnings: readonly string[];
}

/** Reads a reply from its bodies, in order: a completion, or the chunks of a streamed one. */
export class ReplyReader {
	#thoughts = '';
	#hasOtherThoughts = false;
	#content = '';
	#refusal = '';
	#whole: readonly WireCall[] | undefined;
	readonly #streamed = new StreamedCalls();
	#finish: string | undefined;
	#usage: Json | undefined;
	#hasBegun = false;
	#last: Json = '';

	/**
	 * @returns whether `text` has changed
	 * @throws {APIError} if the server complains in it
	 * @throws {BrokenReplyError} if it cannot be part of a reply
	 */
	add(body: Json): boolean {
		const { choices, usage } = isJsonObject(body) ? body : {};
		const choice = Array.isArray(choices) ? (choices as readonly Json[])[0] : undefined;
		const {
			error = null,
			delta,
			message,
			finish_reason: finish,
			usage: ofChoice
		} = isJsonObject(choice) ? choice : {};
		const complaint = complaintIn(body) ?? complaintIn({ error });
		if (complaint) throw complaint;
		this.#last = body;
		this.#hasBegun ||= isJsonObject(delta) || isJsonObject(message);
		this.#usage = usage ?? ofChoice ?? this.#usage;
		if (typeof finish === 'string' && finish !== '') this.#finish = finish;
		if (isJsonObject(delta)) {
			const entries = callEntries(delta);
			for (const entry of entries) this.#streamed.add(entry);
			return this.#say(delta) || entries.length > 0;
		}
		if (!isJsonObject(message)) return false;
		this.#whole = callEntries(message).map(wholeCall);
		// Some servers leave it out when a call was made.
		this.#finish ??= 'stop';
		return this.#say(message) || this.#whole.length > 0;
	}

	/** What the model wrote so far. */
	get text(): string {
		return textOf(this.#thoughts, this.#content, this.#calls);
	}

	/** @throws {BrokenReplyError} if the reply has not come to its end */
	end(): ServerReply {
		if (!this.#hasBegun)
			throw new BrokenReplyError(`the server sent no message, but ${excerpt(jsonText(this.#last))}`);
		if (this.#finish === undefined) throw new BrokenReplyError('the reply broke off');
		const { usage, isSound } = usageOf(this.#usage);
		return {
			thoughts: this.#thoughts,
			content: this.#content === '' ? this.#refusal : this.#content,
			calls: this.#calls,
			finish: finishOf(this.#finish),
			usage,
			warnings: [
				...(this.#hasOtherThoughts
					? ['sent thoughts of the model that are not text; they were left out']
					: []),
				...(isSound ? [] : ['sent token counts that cannot be right, or none; they count as 0'])
			]
		};
	}

	get #calls(): readonly WireCall[] {
		return this.#whole ?? this.#streamed.calls;
	}

	#say(said: JsonObject): boolean {
		const { content, refusal } = said;
		const { text, thoughts } = contentOf(content);
		this.#content += text;
		if (typeof refusal === 'string') this.#refusal += refusal;
		const beside = thoughtsBeside(said);
		this.#thoughts += beside.text + thoughts.text;
		this.#hasOtherThoughts ||= beside.hasOthers || thoughts.hasOthers;
		return text + beside.text + thoughts.text !== '';
	}
}

/**
 * The words in a message's `content`: text, or a list of parts. Parts in which the model thinks are not words of the message.
 * @throws {BrokenReplyError} if there is something else in it, such as an image
 */
function contentOf(content: Json | undefined): { readonly text: string; readonly thoughts: SentThoughts } {
	if (content === undefined || content === null) return { text: '', thoughts: noThoughts };
	if (typeof content === 'string') return { text: content, thoughts: noThoughts };
	const parts = Array.isArray(content) ? (content as readonly Json[]) : [content];
	const words = parts.filter((part) => part !== null && !isThought(part)).map(wordsOf);
	return { text: words.join(''), thoughts: thoughtsInParts(parts.filter(isThought)) };
}

function wordsOf(part: Json): string {
	if (typeof part === 'string') return part;
	if (isJsonObject(part)) {
		const { type = 'text', text, refusal } = part;
		const words = type === 'refusal' ? refusal : text;
		if (['text', 'output_text', 'refusal'].includes(type as string) && typeof words === 'string')
			return words;
	}
	throw new BrokenReplyError(`the server sent content that is not text: ${excerpt(jsonText(part))}`);
}

/** First match wins; what matches nothing is the end of a valid reply. `undefined`: the server gave up. */
const finishes: readonly (readonly [RegExp, Finish | undefined])[] = [
	[/^(length|max_(output_)?tokens)$/i, 'length'],
	[/^model_(length|context_window_exceeded)$/i, 'overflow'],
	[/content_filter|safety|sensitive|recitation/i, 'withheld'],
	[/error|abort|cancel|malformed|insufficient_system_resource/i, undefined]
];

function finishOf(reason: string): Finish {
	const known = finishes.find(([pattern]) => pattern.test(reason));
	const finish = known ? known[1] : 'stop';
	if (finish === undefined) throw new BrokenReplyError(`the server gave up its reply (${reason})`);
	return finish;
}

/** More tokens than any context holds. */
const tooMany = 2 ** 31;

/** What is not a count of tokens counts as 0. */
function usageOf(usage: Json | undefined): { readonly usage: Usage; readonly isSound: boolean } {
	const {
		prompt_tokens,
		completion_tokens,
		prompt_tokens_details: details
	} = isJsonObject(usage) ? usage : {};
	const [prompt, completion] = [countOf(prompt_tokens), countOf(completion_tokens)];
	const cached = isJsonObject(details) ? countOf(details['cached_tokens']) : undefined;
	return {
		usage: { promptTokens: prompt ?? 0, cachedTokens: cached ?? 0, completionTokens: completion ?? 0 },
		isSound: prompt !== undefined && completion !== undefined
	};
}

function countOf(value: Json | undefined): number | undefined {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < tooMany
		? value
		: undefined;
}

/**
 * The message in a reply. Ids of calls come from the seed, as in `generationOf`: those of servers differ from time to time. Thoughts may
 * come beside the content, in it, or both.
 * @param request its tools as the server was told of them
 */
export function readServerReply(
	{ thoughts, content, calls: wires }: Pick<ServerReply, 'thoughts' | 'content' | 'calls'>,
	request: Pick<GenerateRequest, 'seed' | 'tools'>
): Pick<Generation, 'message' | 'text' | 'problem'> {
	const text = textOf(thoughts, content, wires);
	if (wires.length === 0) {
		const { message, ...read } = generationOf(content, request);
		return { message: withThoughts(thoughts, message), ...read, text };
	}
	const { reasoning, spoken } = readReply(content, request);
	const thought = reasoning !== undefined && { reasoning };
	const words = thought ? spoken : content;
	const calls: ToolCall[] = [];
	const problems: string[] = [];
	for (const wire of wires) {
		const call = callFromWire(wire, `call_${request.seed.toString(36)}_${calls.length}`);
		if (typeof call === 'string') problems.push(call);
		else calls.push(call);
	}
	const message: AssistantMessage =
		problems.length > 0
			? { role: 'assistant', content: textOf('', words, wires), ...thought }
			: { role: 'assistant', content: words, ...thought, tool_calls: calls };
	return {
		message: withThoughts(thoughts, message),
		text,
		...(problems.length > 0 && { problem: problems.join('; ') })
	};
}

/** The message with what came beside its content before what was thought in it. */
function withThoughts(beside: string, message: AssistantMessage): AssistantMessage {
	const thoughts = [beside.trim(), message.reasoning ?? ''].filter((thought) => thought !== '');
	return thoughts.length === 0 ? message : { ...message, reasoning: thoughts.join('\n\n') };
}

/** What the model wrote, as far as a server that takes replies apart lets one know: thoughts between tags, calls in the Hermes form. */
function textOf(thoughts: string, content: string, wires: readonly WireCall[]): string {
	const written = wires.map((wire) => {
		const call = callFromWire(wire, '');
		if (typeof call !== 'string') return writeHermesCall(call);
		const { name, arguments: args } = wire.function ?? {};
		return `<tool_call>\n${String(name ?? '')} ${argumentsText(args)}\n</tool_call>`;
	});
	const answer = [content, ...written].filter((part) => part !== '').join('\n');
	if (thoughts === '') return answer;
	// What is not closed was cut off, or goes on.
	return answer === '' ? `<think>\n${thoughts}` : `<think>\n${thoughts}\n</think>\n\n${answer}`;
}

function argumentsText(args: unknown): string {
	return typeof args === 'string' ? args : args === undefined || args === null ? '' : writeJson(args);
}
