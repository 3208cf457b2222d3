import type { TrainingExample } from '../../harvest/examples.ts';
import type { TrainingCommand, TrainingJob } from './training-command.ts';

/** By configuration: the examples that it is made of, and TRL's subcommand. */
const trained: Readonly<Record<string, readonly [kind: TrainingExample['kind'], subcommand: string]>> = {
	sft: ['sft', 'sft'],
	// One answer each, as KTO's good rows.
	prompt_completion: ['kto', 'sft'],
	dpo: ['dpo', 'dpo'],
	kto: ['kto', 'kto'],
	reward: ['dpo', 'reward']
};

/** TRL's command line (1.16); the folder's card tells `datasets` of the configurations. */
export function trlCommand({
	configuration,
	testPath,
	model,
	suggestions: { maxLength, undesirableWeight }
}: TrainingJob): TrainingCommand | undefined {
	const known = trained[configuration];
	if (!known) return undefined;
	const [kind, subcommand] = known;
	const length = maxLength[kind];
	const options = [
		`--model_name_or_path ${shellWord(model)}`,
		'--dataset_name .',
		`--dataset_config ${configuration}`,
		...(length === undefined ? [] : [`--max_length ${length}`]),
		// Whole conversations hold users' and tools' words too, and those are not the model's to learn.
		...(configuration === 'sft' ? ['--assistant_only_loss True'] : []),
		// Each row is compared with another of its batch, on one device.
		...(configuration === 'kto' ? ['--per_device_train_batch_size 4'] : []),
		...(configuration === 'kto' && undesirableWeight
			? [`--undesirable_weight ${undesirableWeight.value}`]
			: []),
		...(testPath === undefined ? [] : ['--eval_strategy epoch']),
		`--output_dir out/trl-${configuration}`
	];
	return { trainer: 'TRL', configuration, command: `trl ${subcommand} \\\n  ${options.join(' \\\n  ')}` };
}

/** As it is, or in quotes where a shell would read anything into it. */
function shellWord(text: string): string {
	return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
