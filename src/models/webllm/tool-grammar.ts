import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { isTextSchema } from '../../dialogue/syntax/typed-value.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';

/** The syntaxes that web-llm's models are told of, and kept to; by their ids in `dialogue/syntax`. */
export type WebLlmSyntax = 'hermes-json' | 'qwen3-coder-xml';

/**
 * xgrammar's description of a reply that is free but for its tool calls: from `<tool_call>` on only the name of a tool
 * there is and arguments that its schema allows. Words before, between and after calls stay free. Letter for letter as the syntax's
 * writer writes calls, so that a history reads as the reply did.
 */
export function toolCallTags(tools: readonly ToolSpec[], syntax: WebLlmSyntax = 'hermes-json'): JsonObject {
	return {
		type: 'structural_tag',
		format: {
			type: 'triggered_tags',
			triggers: ['<tool_call>'],
			tags: tools.map(syntax === 'hermes-json' ? hermesTag : xmlTag)
		}
	};
}

function hermesTag({ name, parameters }: ToolSpec): JsonObject {
	return tag(
		`<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": `,
		{ type: 'json_schema', json_schema: parameters },
		'}\n</tool_call>'
	);
}

/**
 * Values are kept to their schemas, names to those there are; which of them are there, and how often, is not. xgrammar's own form for this
 * syntax (`qwen_xml_parameter`) demands XML entities in texts, which no model was taught to write, and fails for tools without parameters.
 */
function xmlTag({ name, parameters }: ToolSpec): JsonObject {
	const begin = `<tool_call>\n<function=${name}>\n`;
	const end = '</function>\n</tool_call>';
	const { properties } = parameters;
	const members = isJsonObject(properties) ? Object.entries(properties) : [];
	if (members.length === 0)
		return tag(begin, { type: 'const_string', value: '</function>' }, '\n</tool_call>');
	const tags = members.map(([key, schema]) => tag(`<parameter=${key}>\n`, valueOf(schema), '\n</parameter>'));
	const content = {
		type: 'tags_with_separator',
		separator: '\n',
		at_least_one: true,
		stop_after_first: false,
		tags
	};
	return tag(begin, content, `\n${end}`);
}

function valueOf(schema: Json): JsonObject {
	return isTextSchema(schema) ? { type: 'any_text' } : { type: 'json_schema', json_schema: schema };
}

function tag(begin: string, content: JsonObject, end: string): JsonObject {
	return { type: 'tag', begin, content, end };
}
