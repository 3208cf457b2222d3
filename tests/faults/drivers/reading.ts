import { readdirSync } from 'node:fs';
import { jsonText } from '../../../src/base/json.ts';
import { writeArguments } from '../../../src/dialogue/call-arguments.ts';
import { readChatLines } from '../../../src/dialogue/openai-read.ts';
import type { ReadMessage } from '../../../src/dialogue/read-message.ts';
import type { FaultDriver } from '../fault-case.ts';

/** What is read of each file beside `case.json`, a line for each message. */
const reading: FaultDriver = (fault) =>
	Object.fromEntries(
		readdirSync(fault.path(''))
			.filter((file) => file !== 'case.json')
			.map((file) => {
				const { conversations, problems } = readChatLines(fault.text(file));
				return [
					file,
					{
						conversations: conversations.map(({ messages, rest }) => [
							...messages.map(inWords),
							...(rest ? [`beside: ${jsonText(rest)}`] : [])
						]),
						problems: problems.map(
							({ line, item, reason }) =>
								`line ${line}${item === undefined ? '' : `, item ${item}`}: ${reason}`
						)
					}
				];
			})
	);

function inWords(message: ReadMessage): string {
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	const { role, content, reasoning, refusal, verdict, rest } = message;
	return [
		`${role}:`,
		content,
		...calls.map((call) => `calls ${call.function.name} ${writeArguments(call.function)}`),
		reasoning && `thinks ${reasoning}`,
		refusal && `refuses ${refusal}`,
		verdict && `is ${verdict}`,
		rest && `and ${jsonText(rest)}`
	]
		.filter(Boolean)
		.join(' ');
}

export default reading;
