import { groupBy } from '../../base/group.ts';
import { Random } from '../../base/random.ts';

/**
 * A random order in which rows of one scenario lie evenly over the whole and no two of them are neighbours, unless one scenario has
 * more than half of the rows; then as few as can be are.
 * @param rows rows to be ordered, in any form
 * @param seed parts of the seed
 */
export function spread<Row>(
	rows: readonly Row[],
	scenarioOf: (row: Row) => string,
	...seed: readonly (string | number)[]
): Row[] {
	const placed: { readonly row: Row; readonly at: number }[] = [];
	for (const [scenario, group] of groupBy(rows, scenarioOf)) {
		const random = new Random(...seed, scenario);
		const start = random.next();
		for (const [index, row] of random.shuffle(group).entries())
			placed.push({ row, at: (index + start) / group.length });
	}
	placed.sort((a, b) => a.at - b.at);
	return separated(
		placed.map(({ row }) => row),
		scenarioOf
	);
}

/** Separates neighbours of one scenario and leaves all else as it is. */
function separated<Row>(rows: readonly Row[], scenarioOf: (row: Row) => string): Row[] {
	const order: Row[] = [];
	// What would follow a row of its own scenario waits for another to come between. So all that wait are of the last row's scenario.
	const waiting: Row[] = [];
	for (const row of rows) {
		if (order.length > 0 && scenarioOf(order.at(-1)!) === scenarioOf(row)) {
			waiting.push(row);
			continue;
		}
		order.push(row);
		if (waiting.length > 0) order.push(waiting.pop()!);
	}
	return waiting.length > 0 ? withInserted(waiting, order, scenarioOf) : order;
}

/**
 * Puts rows of one scenario where they have no neighbour of it, evenly over such gaps. There are enough of them unless the scenario has
 * more than half of all rows; those for which there is none share gaps.
 */
function withInserted<Row>(
	inserted: readonly Row[],
	order: readonly Row[],
	scenarioOf: (row: Row) => string
): Row[] {
	const scenario = scenarioOf(inserted[0]!);
	const isOther = (row: Row | undefined) => row === undefined || scenarioOf(row) !== scenario;
	const isGap = order.map((row, index) => isOther(row) && isOther(order[index - 1]));
	const gaps = isGap.filter(Boolean).length;
	const result: Row[] = [];
	let passed = 0;
	let done = 0;
	for (const [index, row] of order.entries()) {
		if (isGap[index]) {
			passed++;
			const due = Math.floor((passed * inserted.length) / gaps);
			while (done < due) result.push(inserted[done++]!);
		}
		result.push(row);
	}
	return result.concat(inserted.slice(done));
}
