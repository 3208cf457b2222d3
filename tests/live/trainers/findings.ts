/** What one check came to. */
export interface Finding {
	readonly check: string;
	readonly rows: number;
	readonly result: 'ok' | 'failed' | 'not run';
	/** Why it failed or was not run; losses of those that trained. */
	readonly note: string;
}

/** A table: check, rows, result. */
export function findingsTable(findings: readonly Finding[]): string {
	const width = Math.max(...findings.map(({ check }) => check.length));
	return findings
		.map(({ check, rows, result, note }) =>
			`${check.padEnd(width)} ${String(rows).padStart(6)}  ${result}${note === '' ? '' : `: ${note}`}`.trimEnd()
		)
		.join('\n');
}
