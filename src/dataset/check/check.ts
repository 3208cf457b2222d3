import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';

/** How a trainer's model writes conversations, and how it cuts text into tokens. */
export interface TargetModel {
	/** For the screen and the card. */
	readonly name: string;
	/** Where trainers find it, as transformers' `from_pretrained` takes it: `Qwen/Qwen3-0.6B`, a folder. Absent if that is not known. */
	readonly repository?: string;
	/** Jinja source of its chat template. */
	readonly chatTemplate: string;
	/** Special tokens that the template may print. */
	readonly bosToken?: string;
	readonly eosToken?: string;
	/**
	 * The tokens of a text that a chat template wrote, by their numbers: special tokens in it are one each, none is added. Absent if there
	 * is not a tokenizer; lengths are then estimated, and said to be.
	 */
	readonly tokenize?: (text: string) => readonly number[];
	/** Texts that the tokenizer takes for special tokens wherever they stand, as far as they are known. */
	readonly specialTokens?: readonly string[];
}

/** Something wrong with an example. */
export interface Issue {
	/** `error`: the row must not be written. `warning`: it may be, and its owner should know. */
	readonly severity: 'error' | 'warning';
	/** The same words for the same mistake, whichever row it is in: reports count by it. */
	readonly reason: string;
	/** What is so in this row only: which message, which value. */
	readonly detail?: string;
}

/** An issue and its row. */
export interface Finding extends Issue {
	/** `nameOf`. */
	readonly row: string;
}

/** Looks at examples before they are written. */
export interface ExampleCheck {
	check(example: TrainingExample, tools: readonly ToolSpec[]): Iterable<Issue>;
}

/** Lengths in tokens. */
export interface LengthFigures {
	readonly count: number;
	readonly median: number;
	readonly p95: number;
	readonly max: number;
}
