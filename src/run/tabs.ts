import type { RunUpdate } from './run-service.ts';

/** What tabs of one origin owe each other: one of them writes a run, the others may look on. */
export interface Tabs {
	/**
	 * The sole right to write a run, until what is returned is called or this tab ends. `undefined` if another has it.
	 */
	claim(run: string): Promise<(() => void) | undefined>;
	/** Runs that a tab has the right to write now, this one among them. */
	claimed(): Promise<ReadonlySet<string>>;
	/** Tells the other tabs. */
	tell(run: string, update: RunUpdate): void;
	/** Listens to the other tabs, until what is returned is called. */
	listen(onUpdate: (run: string, update: RunUpdate) => void): () => void;
}
