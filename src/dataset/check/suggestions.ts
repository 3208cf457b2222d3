import type { TrainingExample } from '../../harvest/examples.ts';
import { trlDefaultMaxLength, type LengthReport } from './lengths.ts';

type Kind = TrainingExample['kind'];

/** What to set in a trainer, and why. Plain JSON. */
export interface Suggestions {
	/** By kind; the same for every trainer, whatever it calls it. Kinds without examples are absent. */
	readonly maxLength: { readonly [K in Kind]?: number };
	/** Of KTO's bad rows where good ones weigh 1; absent if there are not both. */
	readonly undesirableWeight?: WeightRange;
	/** A sentence or two for each setting that matters. */
	readonly notes: readonly string[];
}

/** Any value within balances good and bad rows. */
export interface WeightRange {
	readonly low: number;
	readonly high: number;
	/** In the middle. */
	readonly value: number;
}

/**
 * @param labels rows of KTO in the training split
 */
export function suggestions(
	{ tokens, kinds }: LengthReport,
	labels: { readonly good: number; readonly bad: number }
): Suggestions {
	const weight = weightRange(labels);
	const present = Object.entries(kinds) as [Kind, NonNullable<LengthReport['kinds'][Kind]>][];
	const about = tokens === 'estimated' ? 'about ' : '';
	return {
		maxLength: Object.fromEntries(present.map(([kind, { keepsAll }]) => [kind, keepsAll])),
		...(weight && { undesirableWeight: weight }),
		notes: [
			...(tokens === 'estimated' && present.length > 0
				? [
						'Lengths are estimated, rather too high than too low. Name the model that you train to have them counted.'
					]
				: []),
			...present.map(
				([
					kind,
					{
						whole,
						keepsAll,
						keepsMost,
						withDefault: { cut, dropped }
					}
				]) => {
					const name = kind.toUpperCase();
					const without =
						cut === 0
							? `TRL's default of ${trlDefaultMaxLength} is enough too.`
							: `TRL's default of ${trlDefaultMaxLength} would cut ${about}${cut} of ${whole.count} rows${kind === 'sft' ? '' : `, ${dropped} of them left out altogether`}, and not say so.`;
					return `${name}: max_length ${keepsAll} keeps ${about}every row, ${keepsMost} 95 % of them. ${without}`;
				}
			),
			...(kinds.kto
				? [
						'KTO: per_device_train_batch_size must be above 1: each row is compared with its neighbour of the same batch. Keep the order of the rows.'
					]
				: []),
			...(weight
				? [
						`KTO: ${labels.good} good and ${labels.bad} bad rows: undesirable_weight from ${weight.low} to ${weight.high} with desirable_weight 1.`
					]
				: [])
		]
	};
}

/**
 * The paper's rule (arXiv 2402.01306, equation 8) as TRL's `KTOTrainer` checks it: with D good and U bad rows and a
 * desirable_weight of 1, undesirable_weight belongs between D/U/1.33 and D/U. (Between D/U and 1.33 D/U is the rule for
 * U/D and desirable_weight.)
 */
export function weightRange({
	good,
	bad
}: {
	readonly good: number;
	readonly bad: number;
}): WeightRange | undefined {
	if (good === 0 || bad === 0) return undefined;
	const high = good / bad;
	const low = high / 1.33;
	return { low: short(low), high: short(high), value: short((low + high) / 2) };
}

/** Three digits that count: of a few good rows among thousands of bad ones no weight may become 0. */
function short(value: number): number {
	return Number(value.toPrecision(3));
}
