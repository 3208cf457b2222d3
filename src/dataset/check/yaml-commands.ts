import type { Json, JsonObject } from '../../base/json.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import type { TrainingCommand, TrainingJob } from './training-command.ts';

type Kind = TrainingExample['kind'];

/** The name of a file's rows in `llamafactory/dataset_info.json`: `joshtree_sft`, `joshtree_sft_test`. */
function llamaFactoryName(path: string): string {
	return `joshtree_${path.replace(/^.*\//, '').replace('.jsonl', '').replace('.', '_')}`;
}

/** LLaMA-Factory 0.9.5, LoRA. */
export function llamaFactoryCommand(job: TrainingJob): TrainingCommand {
	const { configuration, path, testPath, model, suggestions } = job;
	const stage = (configuration === 'ranking' ? 'dpo' : configuration) as Kind;
	const length = suggestions.maxLength[stage];
	const weight = suggestions.undesirableWeight;
	const text = yaml({
		model_name_or_path: model,
		stage,
		do_train: true,
		// LLaMA-Factory stops at a name that it does not know; without one it would not write calls as Hermes text.
		template: 'YOUR_TEMPLATE',
		finetuning_type: 'lora',
		lora_target: 'all',
		dataset_dir: 'llamafactory',
		dataset: llamaFactoryName(path),
		...(testPath !== undefined && {
			eval_dataset: llamaFactoryName(testPath),
			do_eval: true,
			eval_strategy: 'epoch'
		}),
		...(length !== undefined && { cutoff_len: length }),
		per_device_train_batch_size: 4,
		...(configuration === 'kto' && weight && { kto_rejected_weight: weight.value }),
		output_dir: `out/llamafactory-${configuration}`
	});
	const note =
		"# `template` is the name of your model's family (qwen3, llama3, …): it says how calls are written.\n";
	return fromSettings('LLaMA-Factory', 'llamafactory-cli train', job, note + text);
}

/** Axolotl 0.19, LoRA. It knows chat templates with tools for SFT only: rows of DPO and KTO hold calls as text. */
export function axolotlCommand(job: TrainingJob): TrainingCommand {
	const { configuration, path, testPath, model, suggestions } = job;
	const length = suggestions.maxLength[configuration as Kind];
	const weight = suggestions.undesirableWeight;
	const dataset = (file: string) => ({
		path: file,
		ds_type: 'json',
		split: 'train',
		...axolotlTypes[configuration as Kind]
	});
	const text = yaml({
		base_model: model,
		chat_template: 'tokenizer_default',
		...(configuration !== 'sft' && { rl: configuration, remove_unused_columns: false }),
		datasets: [dataset(path)],
		...(testPath !== undefined && { test_datasets: [dataset(testPath)] }),
		adapter: 'lora',
		lora_r: 16,
		lora_alpha: 32,
		lora_target_linear: true,
		// It would leave longer rows out and not say so.
		...(length !== undefined && { sequence_len: length, excess_length_strategy: 'raise' }),
		micro_batch_size: configuration === 'sft' ? 1 : 2,
		num_epochs: 1,
		optimizer: 'adamw_torch',
		learning_rate: configuration === 'sft' ? 0.0002 : 0.000005,
		...(configuration === 'kto' &&
			weight && { kto_desirable_weight: 1, kto_undesirable_weight: weight.value }),
		output_dir: `out/axolotl-${configuration}`
	});
	return fromSettings('Axolotl', 'axolotl train', job, text);
}

const axolotlTypes: Readonly<Record<Kind, JsonObject>> = {
	sft: { type: 'chat_template', roles_to_train: ['assistant'], train_on_eos: 'turn' },
	dpo: { type: 'chat_template.default' },
	// Without a type the texts go to the trainer as they are (utils/data/rl.py).
	kto: {}
};

function fromSettings(
	trainer: TrainingCommand['trainer'],
	program: string,
	{ configuration, path }: TrainingJob,
	text: string
): TrainingCommand {
	const settings = { path: path.replace(/[^/]*$/, `train_${configuration}.yaml`), text };
	return { trainer, configuration, command: `${program} ${settings.path}`, settings };
}

/** Every JSON text is YAML as well, so only the outermost level is written as people write it. */
function yaml(settings: JsonObject): string {
	return Object.entries(settings)
		.map(([key, value]) => `${key}: ${scalar(value)}\n`)
		.join('');
}

function scalar(value: Json): string {
	return typeof value === 'string' && /^[A-Za-z_][\w./-]*$/.test(value) ? value : JSON.stringify(value);
}
