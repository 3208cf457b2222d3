import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedModel, shippedPack } from '../src/cli/evaluate/evaluate-options.ts';
import { evaluateModel } from '../src/cli/evaluate/evaluation.ts';
import { faultsOf } from '../src/cli/evaluate/evaluation-table.ts';
import { harvest } from '../src/cli/harvest/harvest.ts';
import { embeddedModels } from '../src/cli/model-flags.ts';
import { howToContinue, interrupted, interruptible } from '../src/cli/interruption.ts';
import { duration } from '../src/cli/status-line.ts';
import { defaultParts } from '../src/run/config.ts';
import type { HarvestSummary } from '../src/run/dataset-service.ts';
import type { EvaluationReport } from '../src/evaluation/report.ts';
import { writeCorpus } from './corpus.ts';
import { makeFile } from './reproduction/made.ts';
import { readReproduceOptions, reproduceUsage, type ReproduceOptions } from './reproduction/options.ts';
import { Python } from './reproduction/python.ts';
import { reproductionReport, type Perplexities, type Reproduction } from './reproduction/report.ts';

/** Worlds and dialogues that no training has read: the corpora have seeds of their own. */
const heldOutSeed = 99;

/**
 * `npm run reproduce`: the paper's experiment with the embedded model.
 *
 * @returns the exit code
 */
export default async function reproduce(args: readonly string[]): Promise<number> {
	const options = readReproduceOptions(args);
	if (options === undefined) {
		console.log(reproduceUsage);
		return 0;
	}
	const stopped = new Error('stopped');
	try {
		const found = await interruptible(
			() => console.error('stopping; what is done is kept'),
			(signal) => new Experiment(options, signal, stopped).run()
		);
		const text = reproductionReport(found);
		await writeFile(join(options.out, 'report.json'), `${JSON.stringify(found, null, '\t')}\n`);
		await writeFile(join(options.out, 'report.md'), `${text}\n`);
		console.log(`${text}\n\nWritten to ${options.out}`);
		return 0;
	} catch (error) {
		console.error(howToContinue('reproduce', args));
		if (error === stopped || (error instanceof Error && error.name === 'AbortError')) return interrupted;
		throw error;
	}
}

/** The steps, each of which finds what it did before. */
class Experiment {
	readonly #options: ReproduceOptions;
	readonly #signal: AbortSignal;
	readonly #stopped: Error;
	readonly #begun = Date.now();

	/** @param stopped what is thrown when `signal` aborted */
	constructor(options: ReproduceOptions, signal: AbortSignal, stopped: Error) {
		this.#options = options;
		this.#signal = signal;
		this.#stopped = stopped;
	}

	async run(): Promise<Reproduction> {
		const { scenarios, beam, sweep, sweepScenarios, out, python: chosen } = this.#options;
		const python = Python.prepare(chosen, this.#signal);
		await mkdir(out, { recursive: true });

		this.#say(1, `harvesting ${scenarios} train scenarios at beam ${beam}`);
		const harvested = await this.#harvest(scenarios, beam, join(out, 'harvest'));
		this.#say(2, 'fine-tuning');
		const models = {
			base: shippedModel,
			sft: await this.#fineTune(python, 'sft'),
			kto: await this.#fineTune(python, 'kto')
		};
		this.#say(3, 'evaluating, always with the same user simulator');
		const evaluations = {
			base: await this.#evaluate(models.base),
			sft: await this.#evaluate(models.sft),
			kto: await this.#evaluate(models.kto)
		};
		this.#say(4, 'measuring what else the models can do');
		const perplexities = await this.#perplexities(python, Object.values(models));
		this.#say(5, `comparing beams ${sweep.join(', ')} on ${sweepScenarios} train scenarios`);
		const beams: { beam: number; summary: HarvestSummary }[] = [];
		for (const width of sweep) {
			const folder = join(out, `beam-${width}`);
			beams.push({ beam: width, summary: await this.#harvest(sweepScenarios, width, folder) });
		}
		return { options: this.#options, harvest: harvested, evaluations, perplexities, beams };
	}

	async #harvest(scenarios: number, beam: number, out: string): Promise<HarvestSummary> {
		const { seed, workers } = this.#options;
		const { summary } = await harvest(
			{
				scenarios,
				split: 'train',
				trials: 1,
				seed,
				parts: { ...defaultParts, strategy: { kind: 'josh', beam } },
				workers,
				models: embeddedModels,
				out
			},
			{ screen: process.stderr, signal: this.#signal }
		);
		if (summary === undefined) throw this.#stopped;
		if (summary.lost.length > 0) throw new Error(`${out}: ${summary.lost.join('\n')}`);
		return summary;
	}

	/** @returns the GGUF file */
	async #fineTune(python: Python, method: 'sft' | 'kto'): Promise<string> {
		const { out } = this.#options;
		const data = join(out, 'harvest', `${method}.jsonl`);
		const file = join(out, `${method}.gguf`);
		const scripts = ['finetune.py', 'from_gguf.py', 'to_gguf.py'].map((name) =>
			join(import.meta.dirname, name)
		);
		await makeFile(file, { files: [shippedModel, data, ...scripts], settings: [] }, () =>
			python.run('finetune.py', [method, '--model', shippedModel, '--data', data, '--out', file])
		);
		return file;
	}

	async #evaluate(model: string): Promise<EvaluationReport> {
		const { test, trials, seed, workers, out } = this.#options;
		const found = await evaluateModel(
			{
				models: {
					...embeddedModels,
					agent: { kind: 'file', path: model },
					user: { kind: 'file', path: shippedModel },
					tools: 'compact'
				},
				pack: shippedPack,
				split: 'test',
				...(test !== undefined && { scenarios: test }),
				trials,
				seed,
				parts: { ...defaultParts, strategy: { kind: 'plain' } },
				workers,
				kept: join(out, 'evaluate')
			},
			{ screen: process.stderr, signal: this.#signal }
		);
		if (found === undefined) throw this.#stopped;
		if (found.faults.length > 0) throw new Error(`${model}: ${faultsOf(found).join('\n')}`);
		return found;
	}

	async #perplexities(python: Python, models: readonly string[]): Promise<Perplexities> {
		const { dialogues, out } = this.#options;
		const corpus = join(out, 'held-out.jsonl.gz');
		const settings = [String(dialogues), String(heldOutSeed)];
		await makeFile(corpus, { files: [shippedPack], settings }, async () => {
			await writeCorpus({
				dialogues,
				seed: heldOutSeed,
				world: 'mixed',
				shard: 0,
				shards: 1,
				out: corpus
			});
		});
		const file = join(out, 'perplexity.json');
		await makeFile(file, { files: [corpus, ...models], settings: [] }, () =>
			python.run('perplexity.py', ['--data', corpus, '--json', file, ...models])
		);
		return JSON.parse(await readFile(file, 'utf8')) as Perplexities;
	}

	#say(step: number, what: string): void {
		if (this.#signal.aborted) throw this.#stopped;
		console.error(`\n[${step} of 5, after ${duration((Date.now() - this.#begun) / 1000)}] ${what}`);
	}
}
