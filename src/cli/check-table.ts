import type { CheckReport } from '../harvest/check/self-check.ts';

/** What the self-check found, for a terminal. */
export function checkTable({
	target,
	examples,
	refused,
	findings,
	lengths,
	suggestions,
	commands
}: CheckReport): string {
	const lines = [
		`Checked ${examples} examples${target === undefined ? '' : ` with the template of ${target}`}; ${refused} refused.`
	];
	for (const { severity, reason, examples: count, first } of findings) {
		lines.push(`  ${severity}: ${reason} (${count} examples)`);
		for (const { row, detail } of first) lines.push(`    ${row}${detail === undefined ? '' : `: ${detail}`}`);
	}
	lines.push('', `Tokens of whole rows${lengths.tokens === 'estimated' ? ', estimated' : ''}:`);
	for (const [kind, { whole }] of Object.entries(lengths.kinds))
		lines.push(
			`  ${kind}: ${whole.count} rows, median ${whole.median}, 95 % up to ${whole.p95}, longest ${whole.max}`
		);
	lines.push('', ...suggestions.notes.map((note) => `- ${note}`), '');
	for (const { trainer, configuration, command, settings } of commands) {
		lines.push(`${trainer}, ${configuration}:`, indented(command));
		if (settings) lines.push(`  with ${settings.path}:`, indented(settings.text, 4));
	}
	return lines.join('\n');
}

function indented(text: string, by = 2): string {
	return text.trimEnd().replaceAll(/^/gm, ' '.repeat(by));
}
