import { canonicalJson } from '../../base/json.ts';
import type { Message } from '../message.ts';
import { syntaxes } from '../syntax/index.ts';
import { ReplyText } from '../syntax/reply-text.ts';
import type { CallSyntax } from '../syntax/syntax.ts';
import { callProbe, probeTools } from './probes.ts';

/** Calls that nothing marks, with what they begin with. */
const unmarked: readonly (readonly [start: RegExp, id: string])[] = [
	[/\{"name": "find_kestrels", "parameters": \{/, 'llama3-json'],
	[/\[find_kestrels\(/, 'pythonic']
];

/**
 * The id of the syntax in which a template writes a call: the first that reads the call back. None if no reader knows it.
 * @param write renders a conversation
 */
export function probedSyntax(write: (messages: readonly Message[]) => string): string | undefined {
	const text = write(callProbe.messages);
	const start = text.lastIndexOf(callProbe.from) + callProbe.from.length;
	const end = text.indexOf(callProbe.to, start);
	const reply = new ReplyText(text.slice(start, end < 0 ? text.length : end), probeTools);
	const marked = syntaxes.find((syntax) => readsBack(syntax, reply));
	return marked?.id ?? unmarked.find(([begin]) => begin.test(reply.text))?.[1];
}

function readsBack({ openers, read }: CallSyntax, reply: ReplyText): boolean {
	const wanted = callProbe.call.function;
	return openers.some((opener) => {
		for (let at = reply.text.indexOf(opener); at >= 0; at = reply.text.indexOf(opener, at + 1)) {
			const reading = read(reply, at + opener.length);
			if (typeof reading !== 'object') continue;
			const [call] = reading.calls;
			if (call?.name === wanted.name && canonicalJson(call.arguments) === canonicalJson(wanted.arguments))
				return true;
		}
		return false;
	});
}

/** Templates that show tools and results, and of calls only what is written into the words: what marks their source, and the syntax. */
const silent: readonly (readonly [mark: string, id: string])[] = [
	['<|tool_list_start|>', 'lfm2-pythonic'],
	['<|start_of_role|>', 'granite3'],
	['<|/tool|>', 'phi4-mini']
];

/** The syntax of the model whose template this may be, if the template itself should write no calls. */
export function silentSyntax(source: string): string | undefined {
	return silent.find(([mark]) => source.includes(mark))?.[1];
}
