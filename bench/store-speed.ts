import type { Environment } from '../src/environment/environment.ts';
import { snapshotOf } from '../src/run/stored-searches.ts';
import type { RunStore } from '../src/store/run-store.ts';
import { instantRun } from './instant-run.ts';

export interface StoreSpeed {
	/** Events a second, each on the disk before the next is given. */
	readonly oneByOne: number;
	/** The same with eight at a time, as a round of beam 8 ends. */
	readonly byEight: number;
	readonly events: number;
	/** Milliseconds until all events of a run that was not open are read. */
	readonly reopen: number;
	/** Milliseconds until its trees are folded and its figures known, too; scenario by scenario, as the app does. */
	readonly standing: number;
}

/**
 * @param open another instance over the same place
 * @param pack JSON text of the environment's pack
 */
export async function storeSpeed(
	open: () => Promise<RunStore>,
	environment: Environment,
	pack: string,
	{ events: count, writes }: { readonly events: number; readonly writes: number }
): Promise<StoreSpeed> {
	const { record, events } = await instantRun(environment, count);
	const store = await open();
	await store.delete(record.id);
	await store.create(record, pack);
	let next = 0;
	const write = async (size: number, until: number) => {
		const began = performance.now();
		const first = next;
		for (; next < until; next += size) await store.append(record.id, events.slice(next, next + size));
		return (next - first) / ((performance.now() - began) / 1000);
	};
	const oneByOne = await write(1, writes);
	const byEight = await write(8, next + 8 * writes);
	await write(1000, events.length);

	const reopened = await open();
	let began = performance.now();
	const { events: read } = await reopened.events(record.id);
	const reopen = performance.now() - began;
	if (read.length !== events.length) throw new Error(`${read.length} of ${events.length} events were read`);

	const again = await open();
	began = performance.now();
	const { figures, damaged } = await snapshotOf(again, record, environment, await again.overview(record.id));
	const standing = performance.now() - began;
	if (figures.events !== events.length || damaged.size > 0) throw new Error('the trees cannot be folded');
	await store.delete(record.id);
	return { oneByOne, byEight, events: events.length, reopen, standing };
}
