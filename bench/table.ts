import { isMet, type BenchmarkResult } from './benchmark.ts';

/** A benchmark's figures as lines, with what they have to reach and whether they do. */
export function resultTable(name: string, { figures, notes = [] }: BenchmarkResult): string {
	const rows = figures.map((figure) => {
		const { name, value, unit, target } = figure;
		const asked = !target
			? ''
			: 'atLeast' in target
				? `at least ${short(target.atLeast)}`
				: `at most ${short(target.atMost)}`;
		const met = isMet(figure);
		return [name, `${short(value)} ${unit}`.trim(), asked, met === undefined ? '' : met ? 'met' : 'MISSED'];
	});
	const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
	const lines = rows.map((row) =>
		`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()
	);
	return [name, ...lines, ...notes.map((note) => `  (${note})`)].join('\n');
}

/** Three significant digits where there is a fraction to be seen. */
function short(value: number): string {
	return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
