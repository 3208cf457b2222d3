import type { JsonObject } from '../../base/json.ts';
import {
	ChatTemplate,
	type PromptRequest,
	type RenderedPrompt,
	type TemplateFacts,
	type TemplateTokens
} from '../../dialogue/template/chat-template.ts';
import { ModelLoadError, PromptError } from '../language-model.ts';
import type { GgufHeader } from './gguf.ts';
import { numberEntry, textEntry } from './header-facts.ts';
import type { WllamaSettings } from './settings.ts';

/**
 * A file's chat template, tried with both roles.
 * @param source `null` if the file has none
 * @throws {ModelLoadError} that says what the template does not take
 */
export function chosenTemplate(
	source: string | null,
	tokens: TemplateTokens,
	tools: WllamaSettings['tools']
): ChatTemplate {
	try {
		return ChatTemplate.choose(source, tokens, tools === 'schema' ? 'hermes' : tools);
	} catch (error) {
		throw new ModelLoadError(messageOf(error), { cause: error });
	}
}

/** The template in a file's header, known before an engine is loaded. @throws {ModelLoadError} */
export function templateOf(header: GgufHeader, tools: WllamaSettings['tools']): ChatTemplate {
	const tokens = header.metadata.get('tokenizer.ggml.tokens');
	const spelling = (key: string) => {
		const id = numberEntry(header, `tokenizer.ggml.${key}`);
		return String((id !== undefined && Array.isArray(tokens) ? tokens[id] : undefined) ?? '');
	};
	const source = textEntry(header, 'tokenizer.chat_template') ?? null;
	const addsBos = header.metadata.get('tokenizer.ggml.add_bos_token') === true;
	return chosenTemplate(
		source,
		{ bos: spelling('bos_token_id'), eos: spelling('eos_token_id'), addsBos },
		tools
	);
}

/** How a file's template takes both roles and their tools, or why it cannot be used. */
export function templateFacts(header: GgufHeader): TemplateFacts | { readonly problem: string } {
	try {
		return templateOf(header, 'auto').facts;
	} catch (error) {
		return { problem: messageOf(error) };
	}
}

/** @throws {PromptError} if the template does not take this conversation, or makes nothing of it */
export function promptOf(template: ChatTemplate, request: PromptRequest): RenderedPrompt {
	try {
		return template.prompt(request);
	} catch (error) {
		throw new PromptError(messageOf(error), { cause: error });
	}
}

/**
 * What a model's identity says of its prompts. `compact` and `schema` are words of runs that were made before there was more to
 * choose: those go on under the identity that they have.
 */
export function recordedPrompts(tools: WllamaSettings['tools'], facts: TemplateFacts): JsonObject {
	if (tools === 'compact' || tools === 'schema') return { tools };
	const { source, system, syntax, losses } = facts;
	return {
		tools: facts.tools,
		template: source,
		...(system !== 'own' && { system }),
		...(syntax !== undefined && { syntax }),
		...(losses.length > 0 && { losses: [...losses] })
	};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
