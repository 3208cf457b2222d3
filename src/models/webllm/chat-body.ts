import { writeJson } from '../../base/json.ts';
import type { PlainMessage } from '../../dialogue/message.ts';
import type { GenerateRequest } from '../language-model.ts';
import type { ChatBody, ResponseFormat } from './engine.ts';
import type { WebLlmSettings } from './settings.ts';
import { toolCallTags, type WebLlmSyntax } from './tool-grammar.ts';

export interface BodyOptions {
	readonly calls: NonNullable<WebLlmSettings['calls']>;
	readonly syntax: WebLlmSyntax;
	/** The model has a switch for thinking, and it is to be off. */
	readonly withoutThinking: boolean;
}

/**
 * One request in web-llm's words. Everything that decides which token is drawn is stated, so that neither the library's
 * defaults nor the model's own do.
 *
 * @throws if it asks for top-k or min-p, which web-llm has not
 */
export function chatBody(
	request: Pick<GenerateRequest, 'tools' | 'sampling' | 'seed' | 'constraint'>,
	messages: readonly PlainMessage[],
	{ calls, syntax, withoutThinking }: BodyOptions
): ChatBody {
	const { sampling, seed } = request;
	if (sampling.topK !== 0 || sampling.minP !== 0) {
		throw new Error('web-llm draws without top-k and min-p. Set both to 0.');
	}
	const format = responseFormat(request, calls, syntax);
	return {
		messages,
		stream: true,
		stream_options: { include_usage: true },
		n: 1,
		// web-llm itself takes 1e-6 for 0, which is greedy.
		temperature: sampling.temperature,
		top_p: sampling.topP,
		max_tokens: sampling.maxTokens,
		seed: seed >>> 0,
		frequency_penalty: 0,
		presence_penalty: 0,
		repetition_penalty: 1,
		ignore_eos: false,
		logprobs: false,
		...(format && { response_format: format }),
		...(withoutThinking && { extra_body: { enable_thinking: false } })
	};
}

function responseFormat(
	{ tools, constraint }: Pick<GenerateRequest, 'tools' | 'constraint'>,
	calls: BodyOptions['calls'],
	syntax: WebLlmSyntax
): ResponseFormat | undefined {
	if (constraint) {
		return 'grammar' in constraint
			? { type: 'grammar', grammar: constraint.grammar }
			: { type: 'json_object', schema: writeJson(constraint.jsonSchema) };
	}
	if (tools.length === 0 || calls === 'free') return undefined;
	return { type: 'structural_tag', structural_tag: writeJson(toolCallTags(tools, syntax)) };
}

/** The block that web-llm puts before a reply to keep a model from thinking. It is not the model's, so not the reply's. */
const emptyThought = '<think>\n\n</think>\n\n';

export function withoutEmptyThought(text: string): string {
	return text.startsWith(emptyThought) ? text.slice(emptyThought.length) : text;
}
