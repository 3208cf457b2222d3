import { expect, test } from 'vitest';
import { readReproduceOptions } from '../../model/reproduction/options.ts';
import { reproductionReport, type Reproduction } from '../../model/reproduction/report.ts';
import { report } from '../../src/evaluation/report.ts';
import type { TrialRow } from '../../src/evaluation/trial.ts';
import type { HarvestSummary } from '../../src/run/dataset-service.ts';

function evaluation(successes: number) {
	const rows = Array.from({ length: 10 }, (_, i): TrialRow => ({
		scenario: `test-${i}`,
		trial: 0,
		domains: ['hotel'],
		reward: i < successes ? 1 : 0.5,
		success: i < successes,
		...(i >= successes && { cause: 'no call' as const }),
		endedByUser: true,
		agentTurns: 3,
		calls: { parsed: 2, malformed: 0, rejected: 0 },
		inventedByUser: 0,
		tokens: { prompt: 10, completion: 5 },
		seconds: 1
	}));
	return report(rows);
}

const harvest: HarvestSummary = {
	scenarios: 20,
	withoutGoals: 0,
	unknown: 0,
	meanReward: 0.7,
	successRate: 0.55,
	examples: { sft: 11, kto: { true: 60, false: 20 }, dpo: 15 },
	tokens: { prompt: 4000, completion: 1234 },
	tokensPerSecond: 100,
	lost: [],
	leftOut: [],
	columns: []
};

const found: Reproduction = {
	options: readReproduceOptions([])!,
	harvest,
	evaluations: { base: evaluation(4), sft: evaluation(8), kto: evaluation(7) },
	perplexities: [1, 1.02, 0.99].map((factor, index) => ({
		model: `${index}.gguf`,
		perplexity: { chat: 1.5 * factor, 'user travel': 1.3 }
	})),
	beams: [{ beam: 4, summary: harvest }]
};

test("the paper's table, with intervals and gains over the base", () => {
	const lines = reproductionReport(found).split('\n');
	const line = (name: string) => lines.find((one) => one.startsWith(`| ${name} |`))!;
	expect(line('base')).toMatch(/\| 0\.700 \(.*\| 40\.0 % \(.* to .*\) \| {2}\| {2}\|$/);
	expect(line('JOSH, SFT')).toMatch(/\| 80\.0 % .*\| 100\.0 % \(.*\| 40\.0 points \(/);
	expect(line('JOSH, KTO')).toMatch(/\| 70\.0 % .*\| 75\.0 % \(/);
});

test('causes, perplexities as changes from the base, and beams', () => {
	const text = reproductionReport(found);
	expect(text).toContain('| JOSH, SFT | 2 | 0 |');
	expect(text).toContain('| JOSH, SFT | 1.5300 (+2.0 %) | 1.3000 (+0.0 %) |');
	expect(text).toContain('| JOSH, KTO | 1.4850 (-1.0 %) |');
	expect(text).toContain('| 4 | 55 % | 0.700 | 1,234 | 4,000 | 11 | 60 | 20 | 15 |');
});

test.each([
	[['--sweep', '4,zero'], '--sweep takes a whole number'],
	[['--scenarios', '0'], '--scenarios takes 1 to 100000, not 0'],
	[['--python', ''], '--python needs a value']
])('%j is refused', (args, complaint) => {
	expect(() => readReproduceOptions(args)).toThrow(complaint);
});
