/*
 * What this browser remembers of its user between visits. Where site data is blocked, that is nothing, and the page works without it.
 */

/** `undefined` if it was never said, or cannot be read. */
export function recall(key: string): string | undefined {
	try {
		return localStorage.getItem(key) ?? undefined;
	} catch {
		return undefined;
	}
}

/** @param value `undefined` forgets it */
export function remember(key: string, value: string | undefined): void {
	try {
		if (value === undefined) localStorage.removeItem(key);
		else localStorage.setItem(key, value);
	} catch {
		// Blocked or full: it holds for this visit only.
	}
}
