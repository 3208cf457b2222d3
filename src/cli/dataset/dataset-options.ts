import { readFlags, UsageError } from '../../../scripts/flags.ts';
import { trainingCuration, type CurationOptions } from '../../dataset/curation/curation.ts';
import { datasetFormats } from '../../dataset/formats/index.ts';
import { thoughtMembers, type ThoughtMember } from '../../dataset/thoughts.ts';
import { integer, number, oneOf } from '../flag-values.ts';

export interface DatasetOptions {
	/** Folder of a run, or a dataset folder or archive. */
	readonly run: string;
	/** Absent if the dataset is only looked at. */
	readonly out?: string;
	/** Ids. */
	readonly formats: readonly string[];
	readonly curation: CurationOptions;
	readonly thoughts?: ThoughtMember;
	/** Files of the model that is to be trained. */
	readonly target?: string;
}

const usual = trainingCuration;
const ids = [...datasetFormats.keys()];
const leaveOut = 'leave out';
const trainers = [...new Set(ids.map(trainerOf))];

export const datasetUsage = `Usage: npm run dataset -- --run DIR --out DIR [flags]

Writes a dataset folder, as the Hugging Face Hub and trainers read it, from a run. Checks every row first.

  --run PATH            a run's folder (npm run demo, harvest or merge), or a dataset folder or .zip that Joshtree wrote
  --out DIR             the dataset folder; new or empty
  --check               only look: nothing is written; exit code 1 if there is an error
  --formats LIST        all, or some of ${trainers.join(',')} (all)
  --target PATH         the model that will be trained: a folder with tokenizer.json, tokenizer_config.json and
                        chat_template.jinja, or a GGUF file; rows are rendered with its template and counted with its
                        tokenizer, and what its template spoils is left out (the embedded model, which only warns)
  --thoughts T          what the agent thought before its messages: 'leave out', or keep it in them as 'reasoning_content'
                        or 'thinking', whichever the model's chat template reads, where a trainer has a place for it
                        (leave out)
  --min-reward R        searches that earned less give nothing (${usual.minReward})
  --errors E            'leave out' or 'keep' golden paths with a failed call (${usual.errors})
  --max-characters N    of an example; 0 for no limit (${usual.maxCharacters})
  --rating R            'any', 'not bad' or 'good' conversations, by what a person said (${usual.rating})
  --contradictions C    messages that are good here and bad there: 'first' stays, 'leave out' both, or the 'good' one stays
                        (${usual.contradictions})
  --similarity S        share of equal word triples from which on a row repeats another; 1: only exact ones (${usual.similarity})
  --bad-per-good N      KTO: at most N bad rows for each good one; 0 for no limit (${usual.badPerGood})
  --per-scenario N      at most N examples of a scenario and kind; 0 for no limit (${usual.perScenario})
  --test-share S        share of the training scenarios that is held back for testing (${usual.testShare})
  --order O             'shuffled' or 'as harvested' (${usual.order})
  --seed S              decides whatever is drawn (${usual.seed})
  --help                this text`;

/**
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readDatasetOptions(args: readonly string[]): DatasetOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{
			run: text,
			out: text,
			check: { type: 'boolean' },
			formats: text,
			target: text,
			thoughts: text,
			'min-reward': text,
			errors: text,
			'max-characters': text,
			rating: text,
			contradictions: text,
			similarity: text,
			'bad-per-good': text,
			'per-scenario': text,
			'test-share': text,
			order: text,
			seed: text,
			help: { type: 'boolean' }
		},
		datasetUsage
	);
	if (flags.help) return undefined;
	if (!flags.run) throw new UsageError(`--run is needed.\n\n${datasetUsage}`);
	if (flags.check ? flags.out !== undefined : !flags.out)
		throw new UsageError('Either --out, the folder to write, or --check is needed.');
	const thoughts = oneOf('--thoughts', flags.thoughts ?? leaveOut, [leaveOut, ...thoughtMembers]);
	return {
		run: flags.run,
		...(flags.out && { out: flags.out }),
		formats: formatsIn(flags.formats ?? 'all'),
		...(flags.target && { target: flags.target }),
		...(thoughts !== leaveOut && { thoughts }),
		curation: {
			minReward: number('--min-reward', flags['min-reward'] ?? usual.minReward, 0, 1),
			errors: oneOf('--errors', flags.errors ?? usual.errors, ['leave out', 'keep']),
			maxCharacters: integer('--max-characters', flags['max-characters'] ?? usual.maxCharacters, 0, 1e9),
			rating: oneOf('--rating', flags.rating ?? usual.rating, ['any', 'not bad', 'good']),
			contradictions: oneOf('--contradictions', flags.contradictions ?? usual.contradictions, [
				'first',
				'leave out',
				'good'
			]),
			similarity: number('--similarity', flags.similarity ?? usual.similarity, 0.1, 1),
			badPerGood: number('--bad-per-good', flags['bad-per-good'] ?? usual.badPerGood, 0, 1e6),
			perScenario: integer('--per-scenario', flags['per-scenario'] ?? usual.perScenario, 0, 1e9),
			testShare: number('--test-share', flags['test-share'] ?? usual.testShare, 0, 1),
			order: oneOf('--order', flags.order ?? usual.order, ['shuffled', 'as harvested']),
			seed: integer('--seed', flags.seed ?? usual.seed, 0, 2 ** 32 - 1)
		}
	};
}

/** `trl` of `trl-kto/1`. */
function trainerOf(id: string): string {
	return id.split('-')[0]!;
}

/** `trl-kto` of `trl-kto/1`. */
function shortName(id: string): string {
	return id.split('/')[0]!;
}

function formatsIn(list: string): string[] {
	if (list === 'all') return ids;
	const names = list.split(',').map((name) => name.trim());
	return names.flatMap((name) => {
		const found = ids.filter((id) => trainerOf(id) === name || shortName(id) === name);
		if (found.length === 0)
			throw new UsageError(
				`--formats: there is no "${name}"; there are ${trainers.join(', ')}, and one by one ${ids.map(shortName).join(', ')}.`
			);
		return found;
	});
}
