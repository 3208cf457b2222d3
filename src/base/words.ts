/**
 * Text in one form for comparing: compatibility characters, apostrophes, dashes and digits of all scripts are written in one way, and
 * what is not seen is left out.
 */
export function plainText(text: string): string {
	return text
		.replaceAll(/['‘’ʼ´`＇]/gu, "'")
		.replaceAll(/(?<=\p{Nd})[\u00a0\u2009\u202f](?=\p{Nd}{3}(?!\p{Nd}))/gu, '')
		.normalize('NFKC')
		.replaceAll(/\p{Cf}/gu, '')
		.replaceAll(/\p{Pd}|−/gu, '-')
		.replaceAll(/(?![0-9])\p{Nd}/gu, asciiDigit)
		.replaceAll('٫', '.')
		.replaceAll('٬', ',');
}

/** Unicode has digits in tens that begin at a code point ending in hexadecimal 0 or 6. */
function asciiDigit(digit: string): string {
	const code = digit.codePointAt(0)!;
	const last = code & 15;
	return String(/\p{Nd}/u.test(String.fromCodePoint(code - last)) ? last : last - 6);
}

/**
 * Scripts that are written without spaces, or put endings to a name as Korean does: a character is a word, so that a value is found
 * wherever its characters follow each other. Katakana marks off its words itself.
 */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const katakana = String.raw`\p{Script=Katakana}ー`;

/** Letters and digits. What stands between two digits belongs to their word: 2026-01-05, 18:15, 12.50, 1/2; so does a sign. */
const words = new RegExp(
	`[${unspaced}]\\p{M}*|[${katakana}]+|` +
		String.raw`(?:(?<![\p{L}\p{M}\p{N}.,:/-])-(?=\p{N}))?` +
		`(?:(?![${unspaced}${katakana}])[\\p{L}\\p{M}\\p{N}]|(?<=\\p{N})[.,:/-](?=\\p{N}))+`,
	'gu'
);

/** The words of a plain text, in their own case. */
export function wordsOf(plain: string): string[] {
	return plain.match(words) ?? [];
}

/** A word without its case and the accents of European scripts, which people leave out: ÉLAN, elan, ΟΔΟΣ, οδός. */
export function folded(word: string): string {
	const bare = word
		.normalize('NFD')
		.replaceAll(/[\u0300-\u036f]/g, '')
		.normalize('NFC');
	return bare.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** What number a word may be: `1,200` is 1200 or 1.2, depending on who wrote it. */
export function numbersIn(word: string): number[] {
	const readings = [word];
	if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(word)) readings.push(word.replaceAll(',', ''));
	if (/^-?\d{1,3}(\.\d{3})+(,\d+)?$/.test(word)) readings.push(word.replaceAll('.', '').replace(',', '.'));
	if (/^-?\d+,\d+$/.test(word)) readings.push(word.replace(',', '.'));
	return readings.filter((reading) => /^-?\d+(\.\d+)?$/.test(reading)).map(Number);
}

/** The words of each sentence of a text, in their own case. A point between two digits ends none. */
export function sentencesOf(text: string): string[][] {
	return plainText(text)
		.split(/[!?。।؟]|\.(?!\p{N})/u)
		.map(wordsOf);
}

/** Texts to look for values in. Case, accents and apostrophes do not count. */
export class SearchedText {
	readonly #plain: string;
	/** Folded words between single spaces. */
	readonly #words: string;
	readonly #withoutApostrophes: string;
	readonly #numbers: ReadonlySet<number>;

	constructor(texts: readonly string[]) {
		this.#plain = plainText(texts.join('\n'));
		this.#words = spaced(this.#plain);
		this.#withoutApostrophes = spaced(this.#plain.replaceAll("'", ''));
		this.#numbers = new Set(wordsOf(this.#plain).flatMap(numbersIn));
	}

	/** Whether the value is there: a text in whole words, so that 12 is not in 2012-01-06, and a number in whatever digits. */
	has(value: string | number | bigint): boolean {
		if (typeof value === 'number') return this.#numbers.has(value);
		const plain = plainText(String(value));
		const words = spaced(plain);
		if (words.trim() === '') return this.#plain.includes(plain.trim());
		return (
			this.#words.includes(words) ||
			this.#withoutApostrophes.includes(spaced(plain.replaceAll("'", ''))) ||
			this.#hasDigits(plain)
		);
	}

	/** Telephone numbers and dates are grouped in many ways: 555-0123, (555) 0123. */
	#hasDigits(plain: string): boolean {
		const digits = plain.replaceAll(/\D/g, '');
		if (digits.length < 7 || !/^[\d\s()+./-]+$/.test(plain)) return false;
		const groups = this.#plain.match(/\d[\d ()./-]*\d/g) ?? [];
		return groups.some((group) => group.replaceAll(/\D/g, '') === digits);
	}
}

function spaced(plain: string): string {
	return ` ${wordsOf(plain).map(folded).join(' ')} `;
}
