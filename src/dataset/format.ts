import type { JsonRecord } from '../base/json.ts';
import type { ToolSpec } from '../dialogue/tool.ts';
import type { TrainingExample } from '../harvest/examples.ts';
import type { ColumnFeature } from './formats/columns.ts';
import type { TargetForm } from './formats/target-form.ts';
import type { DatasetSummary } from './summary.ts';
import type { ThoughtMember } from './thoughts.ts';

/** What a format needs to know beside the example. */
export interface FormatContext {
	readonly tools: readonly ToolSpec[];
	/** What the messages of rows call the thoughts before them; absent if rows have none. */
	readonly thoughts?: ThoughtMember;
	/** Asked for by the chat template of the model that will be trained; for trainers that render rows with it. Absent: as they are. */
	readonly form?: TargetForm;
}

/** One line of the file, its columns in order. */
export interface Row {
	readonly row: JsonRecord;
}

/** Why an example cannot be written. */
export interface Problem {
	readonly problem: string;
}

export interface SideFile {
	readonly name: string;
	readonly mediaType: string;
	readonly text: string;
}

/** How many rows each file holds, by its path. */
export type WrittenRows = Pick<DatasetSummary, 'rows'>;

/** Rows to learn from, and rows held back. By scenario, never by row. */
export type DatasetSplit = (typeof splits)[number];

export const splits = ['train', 'test'] as const;

/** A way to write examples down. `formats/` holds one file for each; all of this shape. */
export interface DatasetFormat {
	/** Also in the manifest; changes when the meaning of a column does. */
	readonly id: string;
	/** For the screen. */
	readonly label: string;
	/** In a folder of plain files, all splits together. */
	readonly fileName: string;
	/** In a dataset folder (`folder.ts`). */
	pathOf(split: DatasetSplit): string;
	/**
	 * By column, for files that are loaded through the card; nothing in them is left to be guessed from the values (`PrefixCheck`).
	 * Absent where the trainer opens the file by itself.
	 */
	readonly features?: Readonly<Record<string, ColumnFeature>>;
	/** Its trainer hands thoughts beside the content of a message on to the chat template. Other formats leave them out. */
	readonly takesThoughts?: true;
	/** The examples it takes. */
	readonly kinds: readonly TrainingExample['kind'][];
	/** The same example gives the same rows. Only rows that a trainer loads as they are: everything else is a problem. */
	encode(example: TrainingExample, context: FormatContext): readonly (Row | Problem)[];
	/** Tools whose names its trainer does not take, and what its files call them. */
	readonly toolNames?: (tools: readonly ToolSpec[]) => ReadonlyMap<string, string>;
	/**
	 * What belongs beside its files in a dataset folder, e.g. a description that a trainer asks for. Formats of one trainer may share a
	 * file: those of equal name are equal, and written once.
	 */
	sideFiles(written: WrittenRows): readonly SideFile[];
}
