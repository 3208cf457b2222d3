/** A regular expression for texts as they stand, the longest first where several fit. At least one. */
export function anyOf(texts: readonly string[], flags = ''): RegExp {
	const longestFirst = [...new Set(texts)].sort((a, b) => b.length - a.length);
	return new RegExp(`(${longestFirst.map(escape).join('|')})`, flags);
}

function escape(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
