import type { Json, JsonObject } from '../../../src/base/json.ts';
import type { ToolSpec } from '../../../src/dialogue/tool.ts';
import { toolsText } from '../../../src/dataset/formats/llamafactory-columns.ts';
import type { FaultDriver } from '../fault-case.ts';

/** The lines for arguments of LLaMA-Factory's default tool prompt, and the schemas that other model families are told as JSON. */
export default ((fault) => {
	const tools = JSON.parse(fault.text('tools.json')) as readonly ToolSpec[];
	const written = JSON.parse(toolsText(tools)) as readonly ToolSpec[];
	return {
		prompt: written.flatMap((tool) => promptLines(tool)),
		properties: written.map(({ parameters }) => parameters['properties'])
	};
}) satisfies FaultDriver;

/** As `DefaultToolUtils.tool_formatter` of 0.9.5 does it, which stops where Python would. */
function promptLines({ parameters }: ToolSpec): string[] {
	const required = (parameters['required'] ?? []) as readonly Json[];
	return Object.entries(parameters['properties'] as JsonObject).map(([name, schema]) => {
		const { type = '', description = '', enum: values, items } = schema as Record<string, Json>;
		let line = `${name} (${String(type)}${required.includes(name) ? ', required' : ''}): ${String(description)}`;
		if (isTrue(values)) line += `, should be one of [${joined(values)}]`;
		if (isTrue(items)) line += `, where each item should be ${String(member(items, 'type'))}`;
		return line;
	});
}

/** For Python an empty list or object is not. */
function isTrue(value: Json | undefined): value is Json {
	return Boolean(value) && (typeof value !== 'object' || Object.keys(value!).length > 0);
}

function joined(values: Json): string {
	if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
		throw new TypeError('expected a list of text');
	return values.join(', ');
}

function member(value: Json, key: string): Json {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		throw new TypeError('expected an object');
	return (value as JsonObject)[key] ?? '';
}
