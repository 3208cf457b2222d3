/*
 * Templates print `null` or `None` for what is not there. Not each such word is damage: a conversation may hold it, and a template may
 * write it itself, as Cohere's do with `"is_error": null` beside each result.
 */

export type Nothing = 'null' | 'None';

/** What stands before a word: the name of a member and what parts it from its value, else the last sign. */
const before = /(?:[\w-]+["']?\s*[:=]\s*|\S\s*)$/;

/**
 * Before a word that goes with a null of the conversation. Python writes `x=None`, `'x': None`, `<x>None</x>`, but never `"x": None`; others
 * give the type beside the value.
 */
const goesWithNull = { None: /(?:=|(?:['\w]|'[^"]*")\s*:\s*|[[(,>]\s*)$/, null: /\btype=["']?$/ } as const;

/** How often a word for nothing stands in a rendered text. */
export interface NothingCount {
	readonly all: number;
	/** Those of them that may go with a null of the conversation, beside those that it is spelt with in JSON. */
	readonly withNull: number;
}

/** @param source of the template, whose own words are not counted */
export function countOf(word: Nothing, text: string, source: TemplateText): NothingCount {
	let [all, withNull] = [0, 0];
	for (const { index } of text.matchAll(new RegExp(String.raw`\b${word}\b`, 'g'))) {
		const head = text.slice(Math.max(index - 40, 0), index);
		const context = before.exec(head)?.[0] ?? '';
		if (context !== '' && source.holds(context + word)) continue;
		all++;
		if (goesWithNull[word].test(head)) withNull++;
	}
	return { all, withNull };
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
