import { findPackProblems } from './pack-check.ts';
import { shapeProblems, type Pack } from './pack-format.ts';
import type { PackProblem } from './pack-problem.ts';

/** A pack was refused; `problems` has all that was found wrong. */
export class PackError extends Error {
	override readonly name = 'PackError';
	readonly problems: readonly PackProblem[];

	constructor(problems: readonly PackProblem[]) {
		super(
			`this environment pack cannot be used:\n${problems.map(({ path, message }) => `${path}: ${message}`).join('\n')}`
		);
		this.problems = problems;
	}
}

/**
 * A pack from parsed JSON.
 * @param origin `stored` for the pack of a stored run: earlier versions took parameters that cannot be checked, and it must stay readable
 * @throws {PackError} that names every wrong thing
 */
export function parsePack(json: unknown, origin: 'new' | 'stored' = 'new'): Pack {
	const misshapen = shapeProblems(json);
	if (misshapen.length > 0) throw new PackError(misshapen);
	// It has the shape, and valibot's output would be a second copy of a large thing.
	const pack = json as Pack;
	const problems = findPackProblems(pack, origin);
	if (problems.length > 0) throw new PackError(problems);
	return pack;
}
