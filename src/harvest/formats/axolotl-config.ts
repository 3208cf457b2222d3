import { trainerPath } from '../folder.ts';
import type { DatasetSplit, SideFile, WrittenRows } from '../format.ts';

export type AxolotlKind = 'sft' | 'dpo' | 'kto';

export function axolotlPath(kind: AxolotlKind, split: DatasetSplit): string {
	return trainerPath('axolotl', kind, split);
}

/** What a configuration says beside where the files are, as lines of YAML. */
interface Reading {
	readonly run: readonly string[];
	readonly file: readonly string[];
}

const readings: { readonly [kind in AxolotlKind]: Reading } = {
	sft: { run: [], file: ['type: chat_template', 'roles_to_train: [assistant]', 'train_on_eos: turn'] },
	dpo: { run: ['rl: dpo'], file: ['type: chat_template.default'] },
	// Without a `type` the texts go to the trainer as they are (utils/data/rl.py); no type of KTO knows of longer conversations.
	kto: { run: ['rl: kto', 'remove_unused_columns: false'], file: [] }
};

/** `axolotl/<kind>.yaml`: how to name the files that hold rows. */
export function axolotlConfig(kind: AxolotlKind, { rows }: WrittenRows): SideFile[] {
	const { run, file } = readings[kind];
	const lines = [...run];
	for (const split of ['train', 'test'] as const) {
		const path = axolotlPath(kind, split);
		if (!rows[path]) continue;
		// To Axolotl the rows of a single file are always its `train` split (utils/data/shared.py).
		const members = [`path: ${path}`, 'ds_type: json', 'split: train', ...file];
		lines.push(split === 'train' ? 'datasets:' : 'test_datasets:');
		lines.push(...members.map((member, index) => `${index === 0 ? '  - ' : '    '}${member}`));
	}
	if (lines.length === run.length) return [];
	const text = [
		'# Belongs into a configuration of Axolotl that is run in the folder of the dataset.',
		...lines
	];
	return [{ name: `axolotl/${kind}.yaml`, mediaType: 'application/yaml', text: `${text.join('\n')}\n` }];
}
