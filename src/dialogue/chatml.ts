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
