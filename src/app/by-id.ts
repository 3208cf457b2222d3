/** Finds things by their `id`. */
export function byId<Item extends { readonly id: string }>(
	items: readonly Item[]
): ReadonlyMap<string, Item> {
	return new Map(items.map((item) => [item.id, item]));
}
