import { canonicalJson } from '../../base/json.ts';
import { sha256 } from '../../base/hash.ts';
import type { AssistantMessage, Message } from '../../dialogue/message.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { conversationKey, messageKey } from '../../harvest/message-key.ts';
import { thoughtOf } from '../thoughts.ts';
import type { CurationOptions, ExampleNote } from './curation.ts';
import { signatureOf } from './minhash.ts';
import { splitOf } from './split.ts';

type NoteOptions = Pick<CurationOptions, 'similarity' | 'testShare' | 'seed'>;

/** Equal for answers to a prompt that count as the same; for `undefined` those do that say the same. */
export type KeyOf = (prompt: readonly Message[], answer: AssistantMessage) => string | undefined;

/** What `curate` is told of an example. */
export async function noteOf(
	example: TrainingExample,
	options: NoteOptions,
	keyOf: KeyOf = () => undefined
): Promise<ExampleNote> {
	const { kind, origin } = example;
	const { prompt, answers } = partsOf(example);
	return {
		kind,
		origin,
		split: splitOf(origin.scenario, origin.split, options),
		...(await keysOf(example, keyOf)),
		characters: lengthOf(prompt) + Math.max(0, ...answers.map((answer) => lengthOf([answer]))),
		// The system message is left out: all rows of an environment share it, which says nothing about them.
		...(options.similarity < 1 && {
			signature: signatureOf([
				prompt
					.filter(({ role }) => role !== 'system')
					.map(textOf)
					.join('\n'),
				...answers.map(textOf)
			])
		})
	};
}

/** A whole conversation is all prompt. */
function partsOf(example: TrainingExample): {
	readonly prompt: readonly Message[];
	readonly answers: readonly Message[];
} {
	switch (example.kind) {
		case 'sft':
			return { prompt: example.messages, answers: [] };
		case 'kto':
			return { prompt: example.prompt, answers: [example.completion] };
		case 'dpo':
			return { prompt: example.prompt, answers: [example.chosen, example.rejected] };
	}
}

async function keysOf(
	example: TrainingExample,
	keyOf: KeyOf
): Promise<Pick<ExampleNote, 'key' | 'good' | 'bad'>> {
	if (example.kind === 'sft') return { key: await shortHash(`sft\n${conversationKey(example.messages)}`) };
	const { kind, prompt } = example;
	const answered = (answer: AssistantMessage) =>
		keyOf(prompt, answer) ?? `${conversationKey(prompt)}\n${messageKey(answer)}`;
	if (kind === 'kto') {
		const key = await shortHash(`kto\n${answered(example.completion)}`);
		return { key, [example.label ? 'good' : 'bad']: key };
	}
	const chosen = answered(example.chosen);
	const rejected = answered(example.rejected);
	return {
		key: await shortHash(`dpo\n${chosen}\n${rejected}`),
		good: await shortHash(`dpo\n${chosen}`),
		bad: await shortHash(`dpo\n${rejected}`)
	};
}

/** 52 bits: exact as a number, and among a million rows two that differ share one with a chance of 1 in 9,000. */
async function shortHash(text: string): Promise<number> {
	return Number.parseInt((await sha256(text)).slice(0, 13), 16);
}

/** All that a message says, its calls included. */
function textOf(message: Message): string {
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	return [
		message.content,
		...calls.map((call) => `${call.function.name} ${canonicalJson(call.function.arguments)}`)
	].join('\n');
}

/** Thoughts count, where rows hold them: a trainer reads them, too. */
function lengthOf(messages: readonly Message[]): number {
	return messages.reduce(
		(sum, message) => sum + textOf(message).length + (thoughtOf(message) ?? '').length,
		0
	);
}
