import type { PlainMessage } from './message.ts';

/** One message as ChatML text, closing newline included. */
export function writeChatmlMessage({ role, content }: PlainMessage): string {
	return `<|im_start|>${role}\n${content}<|im_end|>\n`;
}

/** What asks a ChatML model for its next message. */
export const chatmlGenerationPrompt = '<|im_start|>assistant\n';

/** A whole conversation as ChatML text. */
export function writeChatml(messages: readonly PlainMessage[]): string {
	return messages.map(writeChatmlMessage).join('');
}

const turn = /<\|im_start\|>(\w+)\n([^]*?)(?:<\|im_end\|>\n?|(?=<\|im_start\|>)|$)/y;

/** The messages of a ChatML text, whatever their roles; `undefined` if it is none. Nothing comes of a beginning without words at its end. */
export function readChatml(text: string): { readonly role: string; readonly content: string }[] | undefined {
	if (!text.startsWith('<|im_start|>')) return undefined;
	const read: { role: string; content: string }[] = [];
	turn.lastIndex = 0;
	while (turn.lastIndex < text.length) {
		const [whole, role, content] = turn.exec(text) ?? [];
		if (role === undefined || content === undefined) return undefined;
		const isOpen = turn.lastIndex === text.length && !/<\|im_end\|>\n?$/.test(whole!);
		if (!isOpen || content !== '') read.push({ role, content });
	}
	return read;
}
