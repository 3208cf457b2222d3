import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import ReportView from '../../src/app/dataset/ReportView.svelte';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { checkTable } from '../../src/cli/dataset/check-table.ts';
import type { CheckReport } from '../../src/dataset/check/self-check.ts';
import { suggestions } from '../../src/dataset/check/suggestions.ts';

const figures = { count: 11, median: 12, p95: 13, max: 14 };
const kind = {
	prompt: figures,
	whole: figures,
	keepsAll: 1600,
	keepsMost: 1536,
	withDefault: { cut: 3, dropped: 2 }
};
const lengths: CheckReport['lengths'] = { tokens: 'counted', kinds: { kto: kind } };
const report: Omit<CheckReport, 'suggestions'> = {
	target: 'A model',
	form: {
		ids: 'nine',
		arguments: 'text',
		calls: { writtenAs: 'a syntax' },
		words: 'left out',
		results: 'user',
		tools: 'system message',
		system: 'in user'
	},
	examples: 21,
	refused: 2,
	findings: [
		{ severity: 'error', reason: 'a reason', examples: 7, first: [{ row: 'a row', detail: 'why' }] }
	],
	lengths,
	columns: [
		{ path: 'dpo/train', isDeclared: true, json: [], late: ['a is b'], times: ['c'], changes: ['d is e'] },
		{ path: 'axolotl/sft', isDeclared: false, json: ['f'], late: ['g'], times: ['h'], changes: ['i'] }
	],
	commands: [
		{
			trainer: 'Axolotl',
			configuration: 'sft',
			command: 'axolotl train',
			settings: { path: 'x.yaml', text: 'rl: kto' }
		}
	]
};

/** Values that have only some words to choose from. */
const others: Readonly<Record<string, string>> = {
	counted: 'estimated',
	error: 'warning',
	Axolotl: 'TRL'
};

/** Every report that differs from `value` in one place, with that place. */
function* changed(value: Json, path = ''): Generator<readonly [string, Json]> {
	if (value === null) return;
	if (typeof value !== 'object') {
		if (typeof value === 'string') yield [path, others[value] ?? `${value} too`];
		else yield [path, typeof value === 'number' ? value + 1 : !value];
		return;
	}
	for (const [key, member] of Object.entries(value) as [string, Json][])
		for (const [place, other] of changed(member, path === '' ? key : `${path}.${key}`))
			yield [
				place,
				Array.isArray(value)
					? (value as Json[]).with(Number(key), other)
					: { ...(value as JsonObject), [key]: other }
			];
}

/** What to set is said in notes, which follow from the lengths. */
const withNotes = (one: Omit<CheckReport, 'suggestions'>): CheckReport => ({
	...one,
	suggestions: suggestions(one.lengths, { good: 3, bad: 1 })
});

describe.each<[string, (report: CheckReport) => string]>([
	['the command line', checkTable],
	['the page', (one) => render(ReportView, { props: { report: one } }).body]
])('%s', (_, shown) => {
	const usual = shown(withNotes(report));

	it.each([...changed(report as unknown as Json)])('shows %s', (_, other) => {
		expect(shown(withNotes(other as unknown as CheckReport))).not.toBe(usual);
	});

	it('shows the notes', () => {
		for (const note of withNotes(report).suggestions.notes)
			expect(usual).toContain(note.replaceAll('&', '&amp;'));
	});
});
