import { groupBy } from '../base/group.ts';
import type { DatasetSummary, ScenarioNote } from './summary.ts';

/** Lines of a kind, and scenarios in a line: the manifest names all. */
const shown = 8;

/** What is lost of a run, in sentences; none if nothing is. */
export function lostIn(summary: DatasetSummary): string[] {
	const { damaged, damage, cutShort } = summary;
	return [
		...(damage.length > 0
			? [
					`What is stored of the run is damaged; ${damaged} of ${plural(total(summary), 'scenario')} left out:`,
					...first(damage)
				]
			: []),
		...byReason(cutShort).map(
			(group) =>
				`${plural(group.length, 'scenario')} cut short by a fault: ${group[0].reason} (${scenariosIn(group)})`
		)
	];
}

/** What a dataset lacks although nothing is lost, in sentences: what is unfinished, and what a rule left out. */
export function leftOutOf(summary: DatasetSummary): string[] {
	const { unfinished, withoutGoals, fruitless, thoughts, leftOut } = summary;
	const [all, some] = [true, false].map((isAll) =>
		fruitless.filter(({ reward }) => (reward === 1) === isAll)
	);
	const withoutExample = (notes: readonly ScenarioNote[] = [], earned: string) => {
		if (notes.length === 0) return [];
		const reasons = byReason(notes).map((group) => `${group[0].reason} (${scenariosIn(group)})`);
		const gives = notes.length === 1 ? 'gives' : 'give';
		return [
			`${plural(notes.length, 'scenario')} earned ${earned} and ${gives} no example: ${first(reasons).join('; ')}`
		];
	};
	return [
		...(unfinished > 0 ? [`${unfinished} of ${plural(total(summary), 'scenario')} unfinished`] : []),
		...(withoutGoals > 0
			? [`${plural(withoutGoals, 'scenario')} without goals: there is nothing to earn, so no example`]
			: []),
		...withoutExample(all, 'everything'),
		...withoutExample(some, 'enough'),
		...thoughtsLeftOut(thoughts),
		...first(
			byReason(leftOut).map(
				(group) =>
					`${plural(group.length, 'row')} left out: ${group[0].reason} (${group[0].row}${group.length > 1 ? ', …' : ''})`
			)
		)
	];
}

function thoughtsLeftOut(thoughts: DatasetSummary['thoughts']): string[] {
	if (!thoughts || thoughts.leftOutOf.length === 0) return [];
	const { messages, keptIn, leftOutOf } = thoughts;
	const where = keptIn.length === 0 ? '' : ` of ${names(leftOutOf)}, whose trainers have no place for them`;
	return [`The agent thought before ${plural(messages, 'message')}: thoughts are left out${where}`];
}

/** Groups of items with the same reason, the largest first. */
function byReason<Item extends { readonly reason: string }>(
	items: readonly Item[]
): (readonly [Item, ...Item[]])[] {
	const groups = [...groupBy(items, ({ reason }) => reason).values()] as [Item, ...Item[]][];
	return groups.sort((a, b) => b.length - a.length);
}

function first(lines: readonly string[]): string[] {
	if (lines.length <= shown) return [...lines];
	return [...lines.slice(0, shown), `… and ${lines.length - shown} more; the manifest has all`];
}

function scenariosIn(group: readonly ScenarioNote[]): string {
	return names(group.map(({ scenario }) => scenario));
}

function names(ids: readonly string[]): string {
	return `${ids.slice(0, shown).join(', ')}${ids.length > shown ? ', …' : ''}`;
}

function total({ scenarios, unfinished, damaged }: DatasetSummary): number {
	return scenarios + unfinished + damaged;
}

function plural(count: number, one: string): string {
	return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
}
