import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One folder of `tests/cases/faults`: the smallest input that shows a fault, and what is right. */
export interface FaultCase {
	/** The folder's name. */
	readonly name: string;
	/** One sentence: what went wrong here once. */
	readonly what: string;
	/** Which file of `drivers/` knows what to do with it. */
	readonly driver: string;
	/** What the driver must give; its form is the driver's. */
	readonly expect: unknown;
	/** The text of a file beside `case.json`. */
	text(file: string): string;
	/** Whether there is such a file. */
	has(file: string): boolean;
	/** Where such a file lies. */
	path(file: string): string;
}

/** Does what a case describes, with the product's own code, and gives what came of it as plain data. */
export type FaultDriver = (fault: FaultCase) => unknown;

const folder = join(import.meta.dirname, '..', 'cases', 'faults');

export function faultCases(): FaultCase[] {
	return readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => name)
		.sort()
		.map((name) => {
			const path = (file: string) => join(folder, name, file);
			const text = (file: string) => readFileSync(path(file), 'utf8');
			return {
				name,
				...(JSON.parse(text('case.json')) as Pick<FaultCase, 'what' | 'driver' | 'expect'>),
				text,
				has: (file: string) => existsSync(path(file)),
				path
			};
		});
}
