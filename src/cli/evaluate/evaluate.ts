import { readFile } from 'node:fs/promises';
import { parseJson } from '../../base/json-read.ts';
import { writeJson } from '../../base/json.ts';
import { UsageError } from '../../../scripts/flags.ts';
import { compareReports, type EvaluationReport } from '../../evaluation/report.ts';
import { evaluateUsage, readEvaluateOptions } from './evaluate-options.ts';
import { evaluateModel } from './evaluation.ts';
import { comparisonTable, evaluationTable, faultsOf } from './evaluation-table.ts';
import { howToContinue, interrupted, interruptible } from '../interruption.ts';
import { writeWhole } from '../write-whole.ts';

/**
 * `npm run evaluate`: how good a model is in plain conversations.
 *
 * @param pageFolder another build of the page, for tests
 * @returns the exit code
 */
export default async function evaluate(args: readonly string[], pageFolder?: string): Promise<number> {
	const options = readEvaluateOptions(args, process.env);
	if (options === undefined) {
		console.log(evaluateUsage);
		return 0;
	}
	// Before an hour of conversations, not after it.
	const other = options.compare === undefined ? undefined : await readReport(options.compare);
	const found = await interruptible(
		() => console.error('stopping; the conversations that ended are kept'),
		(signal) =>
			evaluateModel(options, {
				screen: process.stderr,
				signal,
				...(pageFolder !== undefined && { pageFolder })
			})
	);
	if (found === undefined) {
		console.error(howToContinue('evaluate', args));
		return interrupted;
	}
	for (const line of faultsOf(found)) console.error(line);
	console.log(evaluationTable(found));
	const comparison = other && compareReports(trialsOf(other), trialsOf(found));
	if (comparison) console.log(`\nAgainst ${options.compare}\n${comparisonTable(comparison)}`);
	if (options.json !== undefined) {
		const content = { ...found, ...(comparison && { comparison }) };
		await writeWhole([{ path: options.json, content: `${writeJson(content, '\t')}\n` }]);
	}
	return found.faults.length > 0 ? 1 : 0;
}

const trialsOf = ({ rows }: Pick<EvaluationReport, 'rows'>) => rows.flatMap(({ trials }) => trials);

/** A report that another evaluation wrote. */
async function readReport(file: string): Promise<EvaluationReport> {
	const hint = 'Name a file that an evaluation wrote with --json.';
	const text = await readFile(file, 'utf8').catch(() => {
		throw new UsageError(`--compare ${file} cannot be read. ${hint}`);
	});
	try {
		const found = parseJson(text) as unknown as EvaluationReport;
		trialsOf(found);
		return found;
	} catch {
		throw new UsageError(`--compare ${file} is not a report of an evaluation. ${hint}`);
	}
}
