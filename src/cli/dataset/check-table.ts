import { columnNotes } from '../../dataset/check/column-notes.ts';
import type { LengthFigures } from '../../dataset/check/check.ts';
import type { CheckReport } from '../../dataset/check/self-check.ts';
import { formNotes } from '../../dataset/formats/target-form.ts';

/** What the self-check found, for a terminal. */
export function checkTable({
	target,
	form,
	examples,
	refused,
	findings,
	lengths,
	columns,
	suggestions,
	commands
}: CheckReport): string {
	const lines = [
		`Checked ${examples} examples${target === undefined ? '' : ` with the template of ${target}`}; ${refused} refused.`
	];
	if (form)
		lines.push(
			'Rows of TRL and Axolotl SFT are written for its template:',
			...formNotes(form).map((note) => `  ${note}`)
		);
	for (const { severity, reason, examples: count, first } of findings) {
		lines.push(`  ${severity}: ${reason} (${count} examples)`);
		for (const { row, detail } of first) lines.push(`    ${row}${detail === undefined ? '' : `: ${detail}`}`);
	}
	lines.push('', `Tokens of whole rows${lengths.tokens === 'estimated' ? ', estimated' : ''}:`);
	for (const [kind, { prompt, whole }] of Object.entries(lengths.kinds)) {
		lines.push(`  ${kind}: ${figures(whole)}`);
		if (prompt) lines.push(`  ${kind}, prompts alone: ${figures(prompt)}`);
	}
	const ofColumns = columns.flatMap(columnNotes);
	if (ofColumns.length > 0)
		lines.push(
			'',
			'Columns as `datasets` reads them:',
			...ofColumns.map(({ isWarning, text }) => `  ${isWarning ? 'warning: ' : ''}${text}`)
		);
	lines.push('', ...suggestions.notes.map((note) => `- ${note}`), '');
	for (const { trainer, configuration, command, settings } of commands) {
		lines.push(`${trainer}, ${configuration}:`, indented(command));
		if (settings) lines.push(`  with ${settings.path}:`, indented(settings.text, 4));
	}
	return lines.join('\n');
}

function figures({ count, median, p95, max }: LengthFigures): string {
	return `${count} rows, median ${median}, 95 % up to ${p95}, longest ${max}`;
}

function indented(text: string, by = 2): string {
	return text.trimEnd().replaceAll(/^/gm, ' '.repeat(by));
}
