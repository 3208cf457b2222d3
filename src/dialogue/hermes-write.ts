import { jsonText } from '../base/json.ts';
import { writeArguments } from './call-arguments.ts';
import type { Message, PlainMessage, ToolCall } from './message.ts';
import type { ToolSpec } from './tool.ts';

/** One call as Hermes models write it. */
export function writeHermesCall(call: ToolCall): string {
	const { name } = call.function;
	return `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${writeArguments(call.function)}}\n</tool_call>`;
}

/** The compact text of a tool: its name and the names of its parameters. */
export function compactTool(tool: ToolSpec): string {
	const properties = tool.parameters['properties'];
	return `${tool.name}(${Object.keys(properties ?? {}).join(', ')})`;
}

/** Tools in a few words each, for small models: one a line. */
export function compactTools(tools: readonly ToolSpec[]): string {
	return tools.map(compactTool).join('\n');
}

/** What a system message ends with to tell a small model of its tools. */
export function compactToolsSection(tools: readonly ToolSpec[]): string {
	return `\n\nTools:\n${compactTools(tools)}`;
}

/** What a system message ends with to tell a large model of its tools (the Hermes function-calling form). */
export function hermesToolsSection(tools: readonly ToolSpec[]): string {
	const lines = tools.map(({ name, description, parameters }) =>
		jsonText({ type: 'function', function: { name, description, parameters } })
	);
	return (
		'\n\n# Tools\n\nYou may call the functions whose signatures are between the <tools> tags:\n' +
		`<tools>\n${lines.join('\n')}\n</tools>\n\n` +
		'To call one, answer with its name and arguments as JSON between <tool_call> tags:\n' +
		'<tool_call>\n{"name": "<function-name>", "arguments": <object>}\n</tool_call>'
	);
}

/**
 * Messages as every chat template can render them: the tools' section at the end of the first system message,
 * calls as text, results as user messages (consecutive ones joined).
 * @param write calls as text; Hermes text by default
 */
export function hermesMessages(
	messages: readonly Message[],
	toolsSection = '',
	write: (calls: readonly ToolCall[]) => string = (calls) => calls.map(writeHermesCall).join('\n')
): PlainMessage[] {
	const plain: PlainMessage[] = [];
	if (toolsSection && messages[0]?.role !== 'system') {
		plain.push({ role: 'system', content: toolsSection.trimStart() });
	}
	messages.forEach((message, index) => {
		switch (message.role) {
			case 'system':
				plain.push({ role: 'system', content: message.content + (index === 0 ? toolsSection : '') });
				break;
			case 'user':
				plain.push({ role: 'user', content: message.content });
				break;
			case 'assistant': {
				const parts = [message.content, write(message.tool_calls ?? [])];
				plain.push({ role: 'assistant', content: parts.filter((part) => part !== '').join('\n') });
				break;
			}
			case 'tool': {
				const content = `<tool_response>\n${message.content}\n</tool_response>`;
				const last = plain.at(-1);
				if (messages[index - 1]?.role === 'tool' && last) {
					plain[plain.length - 1] = { role: 'user', content: `${last.content}\n${content}` };
				} else {
					plain.push({ role: 'user', content });
				}
			}
		}
	});
	return plain;
}
