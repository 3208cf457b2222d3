/*
 * What OpenAI's fine-tuning (and those who take its files) asks of a row, by its documentation: no server is there to ask.
 */

type Cell = Record<string, unknown>;

const isCell = (value: unknown): value is Cell =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const roles = ['system', 'user', 'assistant', 'tool'];

/** @param row of `openai/sft.jsonl` */
export function* sftProblems(row: Cell): Generator<string> {
	yield* unknownKeys('row', row, ['messages', 'tools', 'parallel_tool_calls']);
	yield* conversationProblems(row.messages, toolNames(row.tools));
	if (lastRole(row.messages) !== 'assistant') yield 'messages do not end with the assistant';
}

/** @param row of `openai/preference.jsonl` */
export function* preferenceProblems(row: Cell): Generator<string> {
	yield* unknownKeys('row', row, ['input', 'preferred_output', 'non_preferred_output']);
	if (!isCell(row.input)) {
		yield 'input is not an object';
		return;
	}
	yield* unknownKeys('input', row.input, ['messages', 'tools', 'parallel_tool_calls']);
	const names = toolNames(row.input.tools);
	yield* conversationProblems(row.input.messages, names);
	if (!['user', 'tool'].includes(lastRole(row.input.messages) ?? ''))
		yield 'input does not end with a user or a tool';
	for (const side of ['preferred_output', 'non_preferred_output']) {
		const output = row[side];
		if (!Array.isArray(output) || output.length !== 1 || lastRole(output) !== 'assistant')
			yield `${side} is not one message of the assistant`;
		else for (const problem of conversationProblems(output, names)) yield `${side}: ${problem}`;
	}
}

function* conversationProblems(messages: unknown, names: ReadonlySet<string>): Generator<string> {
	if (!Array.isArray(messages) || messages.length === 0) {
		yield 'no messages';
		return;
	}
	let open = new Set<unknown>();
	for (const [index, message] of messages.entries()) {
		const place = `message ${index}`;
		if (!isCell(message) || !roles.includes(String(message.role))) {
			yield `${place} has no role that is known`;
			continue;
		}
		if (message.role === 'tool') {
			yield* unknownKeys(place, message, ['role', 'tool_call_id', 'content']);
			if (!open.delete(message.tool_call_id)) yield `${place} answers no open call`;
			if (typeof message.content !== 'string') yield `${place} has no text`;
			continue;
		}
		if (open.size > 0) yield `${place} comes before a call is answered`;
		open = new Set();
		if (message.role !== 'assistant') {
			yield* unknownKeys(place, message, ['role', 'content']);
			if (typeof message.content !== 'string') yield `${place} has no text`;
			continue;
		}
		yield* unknownKeys(place, message, ['role', 'content', 'tool_calls', 'weight']);
		const calls = message.tool_calls ?? [];
		if (!Array.isArray(calls)) yield `${place}: tool_calls is not a list`;
		else {
			if (calls.length === 0 && !message.content) yield `${place} says nothing`;
			for (const call of calls) {
				for (const problem of callProblems(call, names)) yield `${place}: ${problem}`;
				if (isCell(call)) open.add(call.id);
			}
		}
	}
	// A call that ends a row need not be answered.
	if (open.size > 0 && lastRole(messages) !== 'assistant') yield 'a call is not answered';
}

function* callProblems(call: unknown, names: ReadonlySet<string>): Generator<string> {
	if (!isCell(call) || typeof call.id !== 'string' || call.type !== 'function' || !isCell(call.function)) {
		yield 'a call has no id, type or function';
		return;
	}
	const { name, arguments: args } = call.function;
	if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(name))) yield `${String(name)} cannot be the name of a tool`;
	if (!names.has(String(name))) yield `calls ${String(name)}, which is no tool of the row`;
	if (typeof args !== 'string') yield 'arguments are not JSON as a string';
	else if (!isCell(parsed(args))) yield 'arguments are no JSON object';
}

function* unknownKeys(place: string, cell: Cell, known: readonly string[]): Generator<string> {
	for (const key of Object.keys(cell)) if (!known.includes(key)) yield `${place} has the unknown key ${key}`;
}

function toolNames(tools: unknown): Set<string> {
	const functions = Array.isArray(tools)
		? tools.map((tool) => (isCell(tool) ? tool.function : undefined))
		: [];
	return new Set(functions.filter(isCell).map(({ name }) => String(name)));
}

function lastRole(messages: unknown): string | undefined {
	const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
	return isCell(last) ? String(last.role) : undefined;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
