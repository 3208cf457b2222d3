import type { PrefixReport } from './prefix-check.ts';

export interface ColumnNote {
	/** Something reaches a trainer that was not written; else it is good to know. */
	readonly isWarning: boolean;
	/** One or two sentences that name the file and the column. */
	readonly text: string;
}

/** What people should know of how `datasets` reads a set of files. */
export function columnNotes({
	path,
	isDeclared,
	json,
	late,
	times,
	changes
}: PrefixReport): readonly ColumnNote[] {
	const inferred = [
		...times.map(
			(column) => `${column} looks like a time in every row, so \`datasets\` reads it as a timestamp.`
		),
		...late.map((one) => `${one} of the file (10 MB), which decides.`)
	];
	const note = (isWarning: boolean) => (text: string) => ({ isWarning, text: `${path}: ${text}` });
	return [
		...(isDeclared
			? inferred
					.map(
						(text) =>
							`without the dataset card ${text} With it (\`load_dataset\` of the folder) all is kept as written.`
					)
					.map(note(false))
			: inferred.map(note(true))),
		...changes.map((one) => `${one}.`).map(note(true)),
		...(isDeclared ? [] : json)
			.map((column) => `${column} has other keys or kinds of value from row to row and is kept as JSON.`)
			.map(note(false))
	];
}
