import { numbersIn, SearchedText, sentencesOf } from '../base/words.ts';

/**
 * What a message states although nobody said it before: numbers, ids and names that are in no text that its speaker had heard. A name is a word with a
 * capital inside a sentence.
 * @param heard results of tools, the other side's words, the speaker's own prompt
 */
export function claimsIn(message: string, heard: readonly string[]): string[] {
	const known = new SearchedText(heard);
	const claims = sentencesOf(message).flatMap((words) =>
		words.filter(
			(word, at) => isValue(word, at) && !known.has(word) && !numbersIn(word).some((one) => known.has(one))
		)
	);
	return [...new Set(claims)];
}

function isValue(word: string, at: number): boolean {
	if (/\p{N}/u.test(word)) return true;
	return at > 0 && /^\p{Lu}\p{M}*\p{Ll}/u.test(word);
}
