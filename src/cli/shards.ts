import { UsageError } from '../../scripts/flags.ts';

/** One part of a run's scenarios. */
export interface Shard {
	/** From 1. */
	readonly number: number;
	/** How many there are. */
	readonly of: number;
}

/** @param text e.g. `3/16` @throws {UsageError} */
export function readShard(text: string): Shard {
	const [, number, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
	const shard = { number: Number(number), of: Number(of) };
	if (!(shard.of >= 1 && shard.number >= 1 && shard.number <= shard.of))
		throw new UsageError(
			`--shard takes a number and how many there are, counted from 1, e.g. 3/16, not "${text}".`
		);
	return shard;
}

/**
 * The items of one shard: they are dealt out like cards, so that what is easy or hard in a row is spread evenly.
 */
export function shardOf<Item>(items: readonly Item[], { number, of }: Shard): Item[] {
	return items.filter((_, index) => index % of === number - 1);
}

/** What was dealt out, put together again. @param shards in their order, all of them */
export function unsharded<Item>(shards: readonly (readonly Item[])[]): Item[] {
	const length = shards.reduce((sum, shard) => sum + shard.length, 0);
	return Array.from(
		{ length },
		(_, index) => shards[index % shards.length]![Math.floor(index / shards.length)]!
	);
}
