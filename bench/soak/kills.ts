import { Random } from '../../src/base/random.ts';

export const killKinds = ['worker', 'device', 'browser'] as const;
export type KillKind = (typeof killKinds)[number];

export interface Kill {
	/** Milliseconds after the start. */
	readonly at: number;
	readonly kind: KillKind;
}

/** Kills at random times, in their order, every kind as often as the others (or once more). */
export function plannedKills(seed: number, count: number, duration: number): Kill[] {
	const random = new Random('soak', seed);
	const kinds = random.shuffle(Array.from({ length: count }, (_, i) => killKinds[i % killKinds.length]!));
	// One in each part of the time: kills at once would count for one.
	return kinds.map((kind, i) => ({ kind, at: ((i + 0.2 + 0.6 * random.next()) * duration) / count }));
}
