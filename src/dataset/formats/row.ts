import type { JsonRecord } from '../../base/json.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import type { Problem, Row } from '../format.ts';
import { exampleProblems } from './example-problems.ts';

/**
 * The one row of an example, or all that is wrong with it.
 * @param row asked only for valid examples
 * @param objections of the trainer in question; looked at only for valid examples
 */
export function writeRow(
	example: TrainingExample,
	row: () => JsonRecord,
	objections: Iterable<string> = []
): [Row] | Problem[] {
	let problems = [...exampleProblems(example)];
	if (problems.length === 0) problems = [...objections];
	return problems.length > 0 ? problems.map((problem) => ({ problem })) : [{ row: row() }];
}
