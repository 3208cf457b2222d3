/** What readers of Hermes function-calling data in ShareGPT form rely on. */
interface HermesRow {
	readonly conversations: readonly { readonly from: string; readonly value: string }[];
	/** JSON text. */
	readonly tools: string;
}

const speakers = ['system', 'human', 'gpt', 'tool'];

export function* hermesProblems({ conversations, tools }: HermesRow): Generator<string> {
	const names = (JSON.parse(tools) as { function: { name: string } }[]).map((tool) => tool.function.name);
	for (const [index, { from, value }] of conversations.entries()) {
		const place = `message ${index}`;
		if (!speakers.includes(from)) yield `${place} is from ${from}`;
		if (from === 'tool' && !/^<tool_response>\n[\s\S]*\n<\/tool_response>$/.test(value))
			yield `${place} is no <tool_response>`;
		if (from === 'gpt') for (const problem of callProblems(value, names)) yield `${place}: ${problem}`;
	}
	if (!conversations[0]?.value.includes('<tools>')) yield 'the system message tells no <tools>';
	if (conversations.at(-1)?.from !== 'gpt') yield 'the last message is not from gpt';
}

function* callProblems(text: string, names: readonly string[]): Generator<string> {
	const calls = [...text.matchAll(/<tool_call>\n(.*)\n<\/tool_call>/g)].map(([, json]) => json!);
	if (calls.length !== text.split('<tool_call>').length - 1)
		yield 'a <tool_call> is not closed, or not on lines of its own';
	for (const json of calls) {
		try {
			const { name, arguments: args } = JSON.parse(json) as { name?: unknown; arguments?: unknown };
			if (!names.includes(String(name))) yield `calls ${String(name)}, which is no tool of the row`;
			if (typeof args !== 'object' || args === null) yield 'arguments are no object';
		} catch {
			yield `not JSON: ${json}`;
		}
	}
}
