import type { CurationOptions, CurationRule, Rating } from './curation.ts';

/** Why a search gives no examples, by what a person said of its conversation. Of reward and errors `examplesOf` knows. */
export function objectionToRating(
	rating: Rating | undefined,
	{ rating: wanted }: Pick<CurationOptions, 'rating'>
): string | undefined {
	if (wanted === 'good' && rating !== 'good') return 'not rated good by a person';
	if (wanted === 'not bad' && rating === 'bad') return 'rated bad by a person';
	return undefined;
}

/** Leaves out what is longer than `maxCharacters`. */
export const tooLong: CurationRule = (kept, notes, { maxCharacters }) => {
	const leftOut = new Map<number, string>();
	if (maxCharacters === 0) return leftOut;
	for (const index of kept) {
		const { characters } = notes.at(index)!;
		if (characters > maxCharacters)
			leftOut.set(index, `has ${characters} characters, more than ${maxCharacters}`);
	}
	return leftOut;
};
