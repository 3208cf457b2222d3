/*
 * A template may well write `null` itself, as Cohere's do with `"is_error": null` beside each result. Such a word is no value that is
 * missing.
 */

export type Nothing = 'null' | 'None';

/** What stands before a word: the name of a member and what parts it from its value, else the last sign. */
const before = /(?:[\w-]+["']?\s*[:=]\s*|\S\s*)$/;

/**
 * How often a word stands in a rendered text where the template has not written it itself.
 * @param source of the template; none where it is not known
 */
export function countOf(word: Nothing, text: string, source: TemplateText): number {
	let count = 0;
	// `x=None` is how those that write calls in Python write null.
	const expression = word === 'null' ? /\bnull\b/g : /(?<!=)\bNone\b/g;
	for (const { index } of text.matchAll(expression)) {
		const context = before.exec(text.slice(Math.max(index - 40, 0), index))?.[0] ?? '';
		if (context === '' || !source.holds(context + word)) count++;
	}
	return count;
}

/** The words of a template. */
export class TemplateText {
	readonly #texts: readonly string[];

	/** @param source Jinja */
	constructor(source: string) {
		const unescaped = source.replace(/\\(["'n\\])/g, (_, char: string) => (char === 'n' ? '\n' : char));
		this.#texts = [source, unescaped];
	}

	holds(words: string): boolean {
		return this.#texts.some((text) => text.includes(words));
	}
}
