import type { ReplyText } from './reply-text.ts';
import type { FoundCall } from './syntax.ts';
import { argumentsAt } from './tagged-json.ts';

/** Where one message of the harmony format begins. */
export const harmonyOpeners = ['<|channel|>', '<|start|>assistant'] as const;

export const harmonyMarkers = ['channel', 'message', 'start', 'end', 'call', 'constrain', 'return'].map(
	(name) => `<|${name}|>`
);

const bodyEnds = ['<|end|>', '<|call|>', '<|return|>', '<|start|>', '<|channel|>'];

/** One message of gpt-oss: a thought, words or a call. */
export interface HarmonyMessage {
	readonly kind: 'thought' | 'words' | 'call';
	/** Of the words or the thought. */
	readonly start: number;
	readonly stop: number;
	readonly call?: FoundCall;
	readonly problem?: string;
	/** Behind its last token. */
	readonly end: number;
}

/**
 * Reads the message whose header begins at `at`: `<|start|>assistant to=…<|channel|>name <|constrain|>json<|message|>` and its body.
 * @returns `undefined` if it is not a header
 */
export function readHarmony(reply: ReplyText, at: number): HarmonyMessage | undefined {
	const { text } = reply;
	const head =
		/^(?:<\|start\|>assistant)?([^<>]*)(?:<\|channel\|>([^<>]*))?(?:<\|constrain\|>([^<>]*))?<\|message\|>/.exec(
			text.slice(at, at + 400)
		);
	if (!head) return undefined;
	const start = at + head[0].length;
	const stop = reply.findAny(bodyEnds, start);
	const last = bodyEnds.slice(0, 3).find((one) => reply.has(one, stop));
	const place = { start, stop, end: stop + (last?.length ?? 0) };
	const recipient = /(?:^|\s)to=(?:functions\.)?([\w.-]+)/.exec(`${head[1]} ${head[2] ?? ''}`)?.[1];
	if (recipient === undefined) {
		const isThought = /^\s*analysis/.test(head[2] ?? '');
		return { kind: isThought ? 'thought' : 'words', ...place };
	}
	// A message without a body calls without arguments.
	if (reply.skipSpace(start) >= stop)
		return { kind: 'call', call: { name: recipient, arguments: {} }, ...place };
	const args = argumentsAt(reply, start, { name: recipient, closers: bodyEnds });
	if (typeof args === 'string') return { kind: 'call', problem: args, ...place };
	return { kind: 'call', call: args.call, ...place, end: Math.max(place.end, args.end) };
}
