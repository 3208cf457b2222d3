import type OpenAI from 'openai';
import type { JsonObject } from '../../base/json.ts';
import { ToolNames } from '../../dialogue/tool-names.ts';
import { ModelLoadError, type GenerateRequest } from '../language-model.ts';
import { standardDialect, type Dialect } from './dialects.ts';
import type { ServerSettings } from './settings.ts';
import { wireMessages } from './wire-messages.ts';

export type RequestBody = OpenAI.ChatCompletionCreateParams;

/**
 * What a server is asked, streaming aside. Sampling is stated in full as far as the server's dialect goes.
 * @throws {ModelLoadError} if the request is constrained by a grammar and the settings do not say how to send one
 */
export function requestBody(
	request: GenerateRequest,
	model: string,
	settings: ServerSettings,
	dialect: Dialect = standardDialect
): RequestBody {
	const { tools, sampling, seed } = request;
	const { temperature, topP, topK, minP, maxTokens } = sampling;
	const body: RequestBody = {
		model,
		messages: wireMessages(request, settings),
		temperature,
		top_p: topP,
		seed,
		max_tokens: maxTokens,
		...(settings.tools === 'native' &&
			tools.length > 0 && {
				tools: new ToolNames(tools).tools(tools).map(({ name, description, parameters }) => ({
					type: 'function' as const,
					function: { name, description, parameters: { ...parameters } }
				}))
			})
	};
	const more: JsonObject = {
		...dialect.off,
		...(topK > 0 && { top_k: topK }),
		...(minP > 0 && { min_p: minP }),
		...constraintFields(request, settings),
		...settings.body
	};
	return { ...body, ...more };
}

function constraintFields({ constraint }: GenerateRequest, { grammarField }: ServerSettings): JsonObject {
	if (!constraint) return {};
	if ('jsonSchema' in constraint) {
		const json_schema = { name: 'reply', schema: constraint.jsonSchema, strict: true };
		return { response_format: { type: 'json_schema', json_schema } };
	}
	if (grammarField === undefined) {
		throw new ModelLoadError(
			'This server cannot be given a grammar: no field for it is set. llama-server takes it in "grammar".'
		);
	}
	return { [grammarField]: constraint.grammar };
}
