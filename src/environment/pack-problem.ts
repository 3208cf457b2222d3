/** One wrong thing in a pack: where (`$.tools[2].do.from`) and what to do about it. */
export interface PackProblem {
	readonly path: string;
	readonly message: string;
}

/** The path of a member or an item: `$.tools[2]`; a name that is not a plain word is quoted. */
export function within(path: string, key: string | number): string {
	if (typeof key === 'number') return `${path}[${key}]`;
	return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}
