import { describe, expect, it } from 'vitest';
import { figures, Lengths } from '../../src/dataset/check/lengths.ts';
import { suggestions, weightRange } from '../../src/dataset/check/suggestions.ts';
import type { TrainingExample } from '../../src/harvest/examples.ts';
import { booking, dpo, kto, sft, tools } from './check-examples.ts';
import { breakingPrefix, oneCallOnly, sound } from './check-templates.ts';

function report(examples: readonly TrainingExample[], ...target: ConstructorParameters<typeof Lengths>) {
	const lengths = new Lengths(...target);
	for (const example of examples) lengths.add(example, tools);
	return lengths.report();
}

const words = (text: string) => (text.match(/\w+|[^\w\s]/g) ?? []).map((_, number) => number);
const answer = (length: number) => kto({ role: 'assistant', content: 'well '.repeat(length) });

it('figures are those of the sorted lengths', () => {
	const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
	expect(figures(hundred)).toEqual({ count: 100, median: 50, p95: 95, max: 100 });
	expect(figures([7])).toEqual({ count: 1, median: 7, p95: 7, max: 7 });
});

describe('lengths', () => {
	it.each([
		['a prompt that the whole begins with', sound],
		['one that it does not', breakingPrefix]
	])('are counted in the rendered text: %s', (_, chatTemplate) => {
		const target = { name: 'a model', chatTemplate, tokenize: words };
		const { tokens, kinds } = report([kto(booking), answer(3), answer(1000)], target);
		expect(tokens).toBe('counted');
		expect(kinds.kto!.prompt!.max).toBe(kinds.kto!.prompt!.median);
		const [short, long] = [report([answer(3)], target), report([answer(1000)], target)];
		expect(long.kinds.kto!.whole.max - short.kinds.kto!.whole.max).toBe(997);
		expect(Object.keys(kinds)).toEqual(['kto']);
	});

	it('of a pair are those of its longer answer', () => {
		const target = { name: 'a model', chatTemplate: sound, tokenize: words };
		const long = { role: 'assistant', content: 'well '.repeat(50) } as const;
		const { dpo: pair } = report([dpo(booking, long)], target).kinds;
		expect(pair!.whole).toEqual(report([kto(long)], target).kinds.kto!.whole);
	});

	it('are estimated without a tokenizer, and without any target', () => {
		const estimated = report([sft(booking)], { name: 'a model', chatTemplate: sound });
		expect(estimated.tokens).toBe('estimated');
		expect(estimated.kinds.sft).not.toHaveProperty('prompt');
		const plain = report([sft(booking), kto(booking)]);
		expect(plain.tokens).toBe('estimated');
		expect(plain.kinds.sft!.whole).toEqual(plain.kinds.kto!.whole);
	});

	it('are none where nothing can be rendered', () => {
		const both = { ...booking, tool_calls: [...booking.tool_calls!, ...booking.tool_calls!] };
		expect(report([kto(both)], { name: 'a model', chatTemplate: oneCallOnly }).kinds).toEqual({});
	});

	it('say what TRL would cut or leave out', () => {
		const target = {
			name: 'a model',
			chatTemplate: sound,
			tokenize: (text: string) => [...text].map(() => 0)
		};
		const longPrompt = kto(booking, true, [{ role: 'user', content: 'x'.repeat(2000) }]);
		const prompt = report([longPrompt], target).kinds.kto!;
		expect(prompt.withDefault).toEqual({ cut: 1, dropped: 1 });
		expect(prompt.keepsAll % 64).toBe(0);
		expect(prompt.keepsAll - prompt.whole.max).toBeLessThan(64);
		expect(prompt.keepsAll).toBeGreaterThanOrEqual(prompt.whole.max);
	});
});

describe('suggestions', () => {
	const target = { name: 'a model', chatTemplate: sound, tokenize: words };

	it('keep every row, and weigh the bad ones', () => {
		const lengths = report([...Array.from({ length: 39 }, () => answer(3)), answer(3000)], target);
		const { maxLength, undesirableWeight, notes } = suggestions(lengths, { good: 30, bad: 10 });
		expect(maxLength.kto).toBe(lengths.kinds.kto!.keepsAll);
		expect(undesirableWeight).toEqual({ low: 2.26, high: 3, value: 2.63 });
		expect(notes).toEqual([
			`KTO: max_length ${lengths.kinds.kto!.keepsAll} keeps every row, ${lengths.kinds.kto!.keepsMost} 95 % of them. TRL's default of 1024 would cut 1 of 40 rows, 0 of them left out altogether, and not say so.`,
			expect.stringContaining('above 1') as string,
			'KTO: 30 good and 10 bad rows: undesirable_weight from 2.26 to 3 with desirable_weight 1.'
		]);
	});

	it('balance as the paper asks: weight times rows of the good, over those of the bad, from 1 to 4/3', () => {
		for (const [good, bad] of [
			[30, 10],
			[10, 30],
			[8, 7],
			[1, 1000]
		] as const) {
			const { value } = weightRange({ good, bad })!;
			const ratio = good / (value * bad);
			expect(ratio).toBeGreaterThanOrEqual(1);
			expect(ratio).toBeLessThanOrEqual(4 / 3);
		}
		expect(weightRange({ good: 3, bad: 0 })).toBeUndefined();
	});
});
