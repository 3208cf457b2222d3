import { jsonText } from '../../base/json.ts';
import { hermesToolsSection } from '../../dialogue/hermes-write.ts';
import type { AssistantMessage, Message, ToolCall } from '../../dialogue/message.ts';
import { writeCalls } from '../../dialogue/syntax/index.ts';
import { nineCharacterId } from '../../dialogue/template/call-ids.ts';
import { systemInUser } from '../../dialogue/template/turns.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { toolsColumn } from './columns.ts';

/**
 * How a conversation is written into the rows that a trainer renders with the chat template of its model, so that the template leaves
 * nothing out. Plain JSON. `check/probe-form.ts` finds the one for a template.
 */
export interface TargetForm {
	/**
	 * Ids of calls. `nine`: nine letters and digits, as Mistral's templates want them. `named`: `functions.NAME:N`, as Kimi's do, which
	 * tell of a call by its id alone.
	 */
	readonly ids: 'as they are' | 'nine' | 'named';
	/** Arguments of a call in the row: an object, or JSON text. */
	readonly arguments: 'object' | 'text';
	/** In `tool_calls`, or in `content` in a syntax of `dialogue/syntax`, which is named. */
	readonly calls: 'structure' | { readonly writtenAs: string };
	/** What is said beside a call. */
	readonly words: 'kept' | 'left out';
	/** The role that tells of a call's result; as a user's, it is marked as one. */
	readonly results: 'tool' | 'user';
	/** Where the tools are told of. The column is there all the same. */
	readonly tools: 'column' | 'system message';
	/** `in user`: before the first words of the user. */
	readonly system: 'own' | 'in user';
}

/** Nothing is rewritten. */
export const plainForm: TargetForm = {
	ids: 'as they are',
	arguments: 'object',
	calls: 'structure',
	words: 'kept',
	results: 'tool',
	tools: 'column',
	system: 'own'
};

/** The messages in that form. Those of a prompt are the first of those of the whole conversation. */
export function formed(
	messages: readonly Message[],
	tools: readonly ToolSpec[],
	form: TargetForm
): readonly Message[] {
	let result = messages;
	if (form.ids !== 'as they are') result = withIds(result, form.ids);
	if (form.words === 'left out') result = result.map(withoutWords);
	const { calls } = form;
	if (calls !== 'structure') result = result.map((message) => withCallsWritten(message, calls.writtenAs));
	if (form.results === 'user') result = withResultsOfUser(result);
	if (form.tools === 'system message' && tools.length > 0)
		result = withTools(result, toolsSection(tools, calls));
	if (form.system === 'in user')
		result = systemInUser(result, (content): Message => ({ role: 'user', content }));
	return result;
}

/** What is other in the rows than in the conversations, in sentences; none if nothing is. */
export function formNotes(form: TargetForm): string[] {
	const { ids, arguments: args, calls, words, results, tools, system } = form;
	return [
		...(ids === 'nine' ? ['Ids of calls are nine letters and digits.'] : []),
		...(ids === 'named' ? ['Ids of calls are functions.NAME:N.'] : []),
		...(args === 'text' ? ['Arguments of calls are JSON text.'] : []),
		...(calls === 'structure'
			? []
			: [`Calls stand in the text of their message, in the syntax ${calls.writtenAs}.`]),
		...(words === 'left out' ? ['What is said beside a call is left out.'] : []),
		...(results === 'user' ? ['Results of calls are messages of the user.'] : []),
		...(tools === 'system message' ? ['The system message tells of the tools.'] : []),
		...(system === 'in user' ? ['The system message stands before the first words of the user.'] : [])
	];
}

/** New ids, each once in a conversation; a result follows the call of the message before it. */
function withIds(messages: readonly Message[], kind: 'nine' | 'named'): Message[] {
	const taken = new Set<string>();
	let renamed = new Map<string, string>();
	return messages.map((message): Message => {
		if (message.role === 'tool')
			return { ...message, tool_call_id: renamed.get(message.tool_call_id) ?? message.tool_call_id };
		if (!hasCalls(message)) return message;
		renamed = new Map();
		const made = message.tool_calls.map((call): ToolCall => {
			const number = taken.size;
			let id = kind === 'nine' ? nineCharacterId(call.id) : `functions.${call.function.name}:${number}`;
			for (let more = number; taken.has(id); more++) id = nineCharacterId(`${call.id} ${more}`);
			taken.add(id);
			renamed.set(call.id, id);
			return { ...call, id };
		});
		return { ...message, tool_calls: made };
	});
}

function withoutWords(message: Message): Message {
	return hasCalls(message) ? { ...message, content: '' } : message;
}

function withCallsWritten(message: Message, syntax: string): Message {
	if (!hasCalls(message)) return message;
	const { tool_calls: calls, ...rest } = message;
	const written = writeCalls(syntax, calls);
	if (written === undefined) throw new Error(`There is no writer of calls as ${syntax}.`);
	const parts = [message.content, written];
	return { ...rest, content: parts.filter((part) => part !== '').join('\n') };
}

/** Those that follow each other are one message, since templates that know no results often want users and assistants to alternate. */
function withResultsOfUser(messages: readonly Message[]): Message[] {
	const result: Message[] = [];
	for (const [index, message] of messages.entries()) {
		if (message.role !== 'tool') {
			result.push(message);
			continue;
		}
		const content = `<tool_response>\n${message.content}\n</tool_response>`;
		const follows = messages[index - 1]?.role === 'tool';
		const before = follows ? `${result.pop()!.content}\n` : '';
		result.push({ role: 'user', content: before + content });
	}
	return result;
}

/** As the models of a syntax are told of them; they know how to write calls, but for those that are told to do it as Hermes models do. */
function toolsSection(tools: readonly ToolSpec[], calls: TargetForm['calls']): string {
	const syntax = calls === 'structure' ? undefined : calls.writtenAs;
	if (syntax === 'hermes-json') return hermesToolsSection(tools);
	// What the template of Phi-4-mini writes of a member `tools` of the system message, which trainers may leave out.
	if (syntax === 'phi4-mini')
		return `<|tool|>${jsonText(tools.map(({ name, description, parameters }) => ({ name, description, parameters })))}<|/tool|>`;
	return `\n\n# Tools\n\n${toolsColumn(tools).map(jsonText).join('\n')}`;
}

function withTools(messages: readonly Message[], section: string): Message[] {
	const [first, ...rest] = messages;
	return first?.role === 'system'
		? [{ ...first, content: first.content + section }, ...rest]
		: [{ role: 'system', content: section.trimStart() }, ...messages];
}

function hasCalls(
	message: Message
): message is AssistantMessage & { readonly tool_calls: readonly ToolCall[] } {
	return message.role === 'assistant' && (message.tool_calls ?? []).length > 0;
}
