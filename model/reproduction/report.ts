import { percent, plain } from '../../src/cli/evaluate/evaluation-table.ts';
import { compareReports, type EvaluationReport } from '../../src/evaluation/report.ts';
import type { HarvestSummary } from '../../src/run/dataset-service.ts';
import type { ReproduceOptions } from './options.ts';

/** What `model/perplexity.py` writes: for each model file, perplexity by role and kind of dialogue. */
export type Perplexities = readonly {
	readonly model: string;
	readonly perplexity: Readonly<Record<string, number>>;
}[];

export type Method = 'base' | 'sft' | 'kto';

/** All that an experiment found. Plain JSON. */
export interface Reproduction {
	readonly options: ReproduceOptions;
	readonly harvest: HarvestSummary;
	readonly evaluations: Readonly<Record<Method, EvaluationReport>>;
	/** In the order base, SFT, KTO. */
	readonly perplexities: Perplexities;
	readonly beams: readonly { readonly beam: number; readonly summary: HarvestSummary }[];
}

const names: Readonly<Record<Method, string>> = { base: 'base', sft: 'JOSH, SFT', kto: 'JOSH, KTO' };

/** What a fine-tuned model may lose, at the most: perplexity / the base's. */
export const mostLost = 1.05;

/** The experiment's tables, as Markdown. */
export function reproductionReport(found: Reproduction): string {
	const { options, harvest, evaluations, perplexities, beams } = found;
	const { sft, kto, dpo } = harvest.examples;
	return [
		'# JOSH with the embedded model',
		`Harvest: ${harvest.scenarios} train scenarios at beam ${options.beam}, all goals earned in ${share(harvest.successRate)}; ` +
			`${sft} conversations for SFT, ${kto.true} good and ${kto.false} bad turns for KTO, ${dpo} pairs.`,
		`Evaluation: ${evaluations.base.scenarios} test scenarios × ${evaluations.base.trials}, plain conversations, the user always ` +
			'the base model; 95 % intervals over scenarios, differences in pairs.',
		gains(evaluations),
		'Causes of failure:',
		causes(evaluations),
		`Perplexity on held-out dialogues that no fine-tuning touches (at most ${share(mostLost - 1)} more is fine):`,
		losses(perplexities),
		`Beams on ${options.sweepScenarios} train scenarios:`,
		sweep(beams)
	].join('\n\n');
}

function gains(evaluations: Reproduction['evaluations']): string {
	const trials = (method: Method) => evaluations[method].rows.flatMap((row) => row.trials);
	return table(
		['', 'average reward', 'success rate', 'relative gain', 'difference of success'],
		methods.map((method) => {
			const { meanReward, successRate } = evaluations[method];
			const figures = [plain(meanReward, 3), percent(successRate)];
			if (method === 'base') return [names[method], ...figures, '', ''];
			const { relativeGain, success } = compareReports(trials('base'), trials(method));
			return [names[method], ...figures, percent(relativeGain), percent(success, ' points')];
		})
	);
}

function causes(evaluations: Reproduction['evaluations']): string {
	const all = Object.keys(evaluations.base.causes) as (keyof EvaluationReport['causes'])[];
	return table(
		['', ...all],
		methods.map((method) => [names[method], ...all.map((cause) => String(evaluations[method].causes[cause]))])
	);
}

function losses(perplexities: Perplexities): string {
	const base = perplexities[0]!.perplexity;
	const kinds = Object.keys(base);
	return table(
		['', ...kinds],
		perplexities.map(({ perplexity }, index) => [
			names[methods[index]!],
			...kinds.map((kind) => {
				const value = perplexity[kind]!;
				const change = 100 * (value / base[kind]! - 1);
				return index === 0
					? value.toFixed(4)
					: `${value.toFixed(4)} (${change >= 0 ? '+' : ''}${change.toFixed(1)} %)`;
			})
		])
	);
}

function sweep(beams: Reproduction['beams']): string {
	const count = (value: number) => value.toLocaleString('en-US');
	return table(
		[
			'beam',
			'all goals found',
			'mean reward',
			'completion tokens',
			'prompt tokens',
			'SFT',
			'KTO good',
			'KTO bad',
			'DPO'
		],
		beams.map(({ beam, summary: { successRate, meanReward, tokens, examples } }) => [
			String(beam),
			share(successRate),
			meanReward?.toFixed(3) ?? '–',
			count(tokens.completion),
			count(tokens.prompt),
			...[examples.sft, examples.kto.true, examples.kto.false, examples.dpo].map(count)
		])
	);
}

const methods: readonly Method[] = ['base', 'sft', 'kto'];

function share(value: number | null): string {
	return value === null ? '–' : `${(100 * value).toFixed(0)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join(
		'\n'
	);
}
