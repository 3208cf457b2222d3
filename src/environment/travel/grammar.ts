import type { Random } from '../../base/random.ts';

const innermost = /\{([^{}]*)\}/;

/**
 * One random sentence of a template: `{a|b|}` is one of the alternatives (they nest), `<slot>` the given value. Values are put
 * in last, so nothing in them is taken for a template. Doubled spaces, and those before a full stop, are closed.
 * Throws on a slot that has no value.
 */
export function say(
	random: Random,
	template: string,
	values: Readonly<Record<string, string | number>> = {}
): string {
	let text = template;
	for (let found = innermost.exec(text); found; found = innermost.exec(text)) {
		const choice = random.pick(found[1]!.split('|'));
		text = text.slice(0, found.index) + choice + text.slice(found.index + found[0].length);
	}
	text = text.replace(/<(\w+)>/g, (_, slot: string) => {
		const value = values[slot];
		if (value === undefined) throw new Error(`say: no value for <${slot}> in "${template}"`);
		return String(value);
	});
	return text
		.replace(/ {2,}/g, ' ')
		.replace(/ +([.,?!])/g, '$1')
		.trim();
}

/** "a, b and c". */
export function list(items: readonly string[], last = 'and'): string {
	return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)!}`;
}

/** First letter large: where a sentence begins. */
export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a museum", "an italian restaurant". */
export function withArticle(text: string): string {
	return `${/^[aeiou]/i.test(text) ? 'an' : 'a'} ${text}`;
}
