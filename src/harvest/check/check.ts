import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../examples.ts';

/** How a trainer's model writes conversations, and how it cuts text into tokens. */
export interface TargetModel {
	/** For the screen and the card, e.g. a repository's name. */
	readonly name: string;
	/** Jinja source of its chat template. */
	readonly chatTemplate: string;
	/** Special tokens that the template may print. */
	readonly bosToken?: string;
	readonly eosToken?: string;
	/** Number of tokens of a text. Absent if there is no tokenizer; lengths are then estimated, and said to be. */
	readonly countTokens?: (text: string) => number;
}

/** Something wrong with a row. */
export interface Finding {
	/** `error`: the row must not be written. `warning`: it may be, and its owner should know. */
	readonly severity: 'error' | 'warning';
	/** Which row; `nameOf`. */
	readonly row: string;
	readonly reason: string;
}

/** Looks at examples before they are written. */
export interface ExampleCheck {
	check(example: TrainingExample, tools: readonly ToolSpec[]): Iterable<Omit<Finding, 'row'>>;
}

/** Lengths in tokens. */
export interface LengthFigures {
	readonly count: number;
	readonly median: number;
	readonly p95: number;
	readonly max: number;
}
