import { groupBy } from '../../base/group.ts';
import { Random } from '../../base/random.ts';
import type { CurationRule } from './curation.ts';

/** Leaves out what a scenario has beyond `perScenario` examples of a kind. */
export const overCap: CurationRule = (kept, notes, { perScenario, seed }) => {
	const leftOut = new Map<number, string>();
	if (perScenario === 0) return leftOut;
	const groups = groupBy(kept, (index) => {
		const { kind, origin } = notes.at(index)!;
		return `${kind} ${origin.scenario}`;
	});
	for (const [name, group] of groups) {
		if (group.length <= perScenario) continue;
		for (const index of new Random(seed, 'cap', name).shuffle(group).slice(perScenario)) {
			const { kind, origin } = notes.at(index)!;
			leftOut.set(index, `scenario ${origin.scenario} has more than ${perScenario} ${kind} rows`);
		}
	}
	return leftOut;
};
