import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './findings.ts';
import { hermesProblems } from './hermes-rules.ts';
import { preferenceProblems, sftProblems } from './openai-rules.ts';

/** Files that no program on this machine trains with, and the rules for their rows. */
const rules = {
	'openai/sft.jsonl': sftProblems,
	'openai/preference.jsonl': preferenceProblems,
	'hermes/sft.jsonl': hermesProblems
} as const;

/** Holds the files of a dataset folder against what is written about them. */
export function checkPlainFiles(folder: string): Finding[] {
	return Object.entries(rules).map(([name, problemsOf]): Finding => {
		const check = `rules: ${name}`;
		try {
			const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
			const problems = lines.flatMap((line, index) =>
				[...problemsOf(JSON.parse(line))].map((problem) => `row ${index}: ${problem}`)
			);
			const result = problems.length === 0 ? 'ok' : 'failed';
			return { check, rows: lines.length, result, note: problems.slice(0, 3).join('; ') };
		} catch (error) {
			return {
				check,
				rows: 0,
				result: 'failed',
				note: error instanceof Error ? error.message : String(error)
			};
		}
	});
}
