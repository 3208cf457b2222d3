import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** What a server sent of a model's thoughts. */
export interface SentThoughts {
	readonly text: string;
	/** There are some that are not text, such as those that a provider encrypts. */
	readonly hasOthers: boolean;
}

export const noThoughts: SentThoughts = { text: '', hasOthers: false };

/** Where servers put what a model thinks before it answers. Some put the same into two of them. */
const fields = ['reasoning_content', 'reasoning', 'thinking'] as const;

/** The thoughts that stand beside the content of a message, or of a piece of one. */
export function thoughtsBeside(message: JsonObject): SentThoughts {
	const sent = fields.map((field) => message[field] ?? '').filter((thought) => thought !== '');
	const texts = sent.map(textIn);
	return {
		text: [...new Set(texts)].join(''),
		hasOthers: texts.includes(undefined)
	};
}

/** Whether a part of a message's content is a thought. */
export function isThought(part: Json): part is JsonObject {
	return isJsonObject(part) && /thinking|reasoning/.test(String(part['type']));
}

/** The thoughts in parts for which `isThought` holds. */
export function thoughtsInParts(parts: readonly JsonObject[]): SentThoughts {
	const texts = parts.map(({ thinking, reasoning, reasoning_content, summary, text }) =>
		textIn(thinking ?? reasoning ?? reasoning_content ?? summary ?? text)
	);
	return { text: texts.join(''), hasOthers: texts.includes(undefined) };
}

/** Of a text, of a part `{text}`, or of a list of such. */
function textIn(thought: Json | undefined): string | undefined {
	if (typeof thought === 'string') return thought;
	if (isJsonObject(thought)) return typeof thought['text'] === 'string' ? thought['text'] : undefined;
	if (!Array.isArray(thought) || thought.length === 0) return undefined;
	const texts = (thought as readonly Json[]).map(textIn);
	return texts.includes(undefined) ? undefined : texts.join('');
}
