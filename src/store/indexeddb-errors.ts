import { StoreError } from './run-store.ts';

/** A failure of IndexedDB as a `StoreError` that says what to do. */
export function explain(error: unknown): StoreError {
	if (error instanceof StoreError) return error;
	const { name, message } =
		error instanceof Error || error instanceof DOMException
			? error
			: { name: 'Error', message: String(error) };
	return new StoreError(
		adviceFor(name) ?? `The browser's database failed (${name}: ${message}). Reload the page.`,
		{
			cause: error
		}
	);
}

function adviceFor(name: string): string | undefined {
	switch (name) {
		case 'QuotaExceededError':
			return (
				'The browser has no room left to store this. What was stored before is safe. ' +
				'Export and delete old runs or free disk space, then continue.'
			);
		case 'VersionError':
			return 'The stored runs were written by a newer version of Joshtree. Reload the page to get that version.';
		case 'SecurityError':
			return 'This browser blocks site data for this page. Allow it, or leave the private window, and reload the page.';
		default:
			return undefined;
	}
}
