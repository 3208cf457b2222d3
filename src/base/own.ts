/** The member of that name that `object` itself has. Names come from packs and models, and may be `constructor` or `__proto__`. */
export function own<Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined {
	return Object.hasOwn(object, name) ? object[name] : undefined;
}
