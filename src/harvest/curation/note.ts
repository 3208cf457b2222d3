import { canonicalJson } from '../../base/json.ts';
import { sha256 } from '../../base/hash.ts';
import type { Message } from '../../dialogue/message.ts';
import type { TrainingExample } from '../examples.ts';
import { conversationKey, messageKey } from '../identity.ts';
import type { CurationOptions, ExampleNote } from './curation.ts';
import { signatureOf } from './minhash.ts';
import { splitOf } from './split.ts';

type NoteOptions = Pick<CurationOptions, 'similarity' | 'testShare' | 'seed'>;

/** What `curate` is told of an example. */
export async function noteOf(example: TrainingExample, options: NoteOptions): Promise<ExampleNote> {
	const { kind, origin } = example;
	const { prompt, answers } = partsOf(example);
	return {
		kind,
		origin,
		split: splitOf(origin.scenario, origin.split, options),
		...(await keysOf(example)),
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

async function keysOf(example: TrainingExample): Promise<Pick<ExampleNote, 'key' | 'good' | 'bad'>> {
	if (example.kind === 'sft') return { key: await shortHash(`sft\n${conversationKey(example.messages)}`) };
	const prompt = `${example.kind}\n${conversationKey(example.prompt)}`;
	if (example.kind === 'kto') {
		const key = await shortHash(`${prompt}\n${messageKey(example.completion)}`);
		return { key, [example.label ? 'good' : 'bad']: key };
	}
	const chosen = messageKey(example.chosen);
	const rejected = messageKey(example.rejected);
	return {
		key: await shortHash(`${prompt}\n${chosen}\n${rejected}`),
		good: await shortHash(`${prompt}\n${chosen}`),
		bad: await shortHash(`${prompt}\n${rejected}`)
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

function lengthOf(messages: readonly Message[]): number {
	return messages.reduce((sum, message) => sum + textOf(message).length, 0);
}
