/** The items by key, keys in order of first appearance. (Node 20 lacks `Map.groupBy`.) */
export function groupBy<Item, Key>(items: readonly Item[], key: (item: Item) => Key): Map<Key, Item[]> {
	const groups = new Map<Key, Item[]>();
	for (const item of items) {
		const one = key(item);
		const group = groups.get(one);
		if (group) group.push(item);
		else groups.set(one, [item]);
	}
	return groups;
}
