import type { HarvestOptions } from '../../harvest/labels.ts';
import type { ExampleName } from '../../harvest/example-name.ts';
import type { DatasetSplit } from '../format.ts';

/** Which examples are kept, and in which order. Plain JSON; recorded in the manifest. */
export interface CurationOptions extends HarvestOptions {
	/** Characters of the longest example, prompt and answer together. 0 for no limit. */
	readonly maxCharacters: number;
	/** Which scenarios by what a person said of their conversation. The default: all but those rated bad. */
	readonly rating: 'any' | 'not bad' | 'good';
	/**
	 * What happens to a message that is good in one place and bad in another, after the same prompt: the one that comes first
	 * stays, both go, or the good one stays. Within KTO it is the label that says so, within DPO the pair.
	 */
	readonly contradictions: 'first' | 'leave out' | 'good';
	/**
	 * From which similarity on an example counts as a repetition of an earlier one: the share of equal word triples of the prompts
	 * times that of the answers, from 0 to 1. 1 takes only exact repetitions.
	 */
	readonly similarity: number;
	/** Most bad rows for each good one, of KTO, in each split; 0 for no limit. Which go is drawn by the seed. */
	readonly badPerGood: number;
	/** Most examples of one scenario and kind; 0 for no limit. Which go is drawn by the seed. */
	readonly perScenario: number;
	/** Share of the scenarios of the pack's own `train` split that are held back for testing; those of its other splits always are. */
	readonly testShare: number;
	/** `shuffled` also keeps rows of one conversation apart: trainers of KTO compare neighbours. */
	readonly order: 'as harvested' | 'shuffled';
	/** Unsigned 32 bit. */
	readonly seed: number;
}

/** What the published code does: nothing is left out but repetitions and contradictions, and what a person rated bad. */
export const plainCuration: CurationOptions = {
	minReward: 1,
	errors: 'leave out',
	maxCharacters: 0,
	rating: 'not bad',
	contradictions: 'first',
	similarity: 1,
	badPerGood: 0,
	perScenario: 0,
	testShare: 0,
	order: 'as harvested',
	seed: 1
};

/** For a dataset that goes to a trainer. */
export const trainingCuration: CurationOptions = {
	...plainCuration,
	contradictions: 'leave out',
	testShare: 0.1,
	order: 'shuffled'
};

export type Rating = 'good' | 'bad';

/** All that curation knows of an example. */
export interface ExampleNote extends ExampleName {
	readonly split: DatasetSplit;
	/** Equal for examples that say the same; the label is not part of it. 52 bits of a hash, as are `good` and `bad`. */
	readonly key: number;
	/** The prompt with what is good after it: what DPO chooses, and a KTO message with a good label. */
	readonly good?: number;
	/** The prompt with what is bad after it: what DPO rejects, and a KTO message with a bad label. */
	readonly bad?: number;
	/** Prompt and answers together, in UTF-16 units; tools are not counted. */
	readonly characters: number;
	/** For finding near-duplicates (`minhash.ts`); absent where only exact ones are looked for. */
	readonly signature?: Uint16Array;
}

/** Notes by number; there may be millions (`notes.ts`). An array is one, too. */
export interface NoteList {
	readonly length: number;
	at(index: number): ExampleNote | undefined;
}

/** What becomes of noted examples, by their numbers in the order in which they were noted. */
export interface CurationPlan {
	/** Those that are kept, in the order of the rows. */
	readonly order: readonly number[];
	/** Why the others are not. */
	readonly leftOut: ReadonlyMap<number, string>;
}

/**
 * One reason to leave examples out. The same notes and options give the same answer.
 * @param kept numbers of the notes that earlier rules kept, ascending
 * @returns why those that this rule leaves out are left out
 */
export type CurationRule = (
	kept: readonly number[],
	notes: NoteList,
	options: CurationOptions
) => ReadonlyMap<number, string>;
