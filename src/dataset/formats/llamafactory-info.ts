import type { Json, JsonObject } from '../../base/json.ts';
import { trainerPath } from '../folder.ts';
import { splits, type DatasetSplit, type SideFile, type WrittenRows } from '../format.ts';

const trainer = 'llamafactory';

export type LlamafactoryKind = 'sft' | 'ranking' | 'kto';

export function llamafactoryPath(kind: LlamafactoryKind, split: DatasetSplit): string {
	return trainerPath(trainer, kind, split);
}

const common = { messages: 'conversations', system: 'system', tools: 'tools' };

/** How LLaMA-Factory reads each kind of file (data/parser.py). */
const readings: { readonly [kind in LlamafactoryKind]: JsonObject } = {
	sft: { formatting: 'sharegpt', columns: common },
	ranking: {
		formatting: 'sharegpt',
		ranking: true,
		columns: { ...common, chosen: 'chosen', rejected: 'rejected' }
	},
	kto: { formatting: 'sharegpt', columns: { ...common, kto_tag: 'kto_tag' } }
};

/**
 * `llamafactory/dataset_info.json`, for `dataset_dir: llamafactory`: names `joshtree_sft`, `joshtree_sft_test` and so on, of the files
 * that hold rows, since LLaMA-Factory cannot open an empty one. The same whichever of the three formats is asked for it.
 */
export function llamafactoryInfo({ rows }: WrittenRows): SideFile[] {
	const info: Record<string, Json> = {};
	for (const kind of ['sft', 'ranking', 'kto'] as const) {
		for (const split of splits) {
			const path = llamafactoryPath(kind, split);
			if (!rows[path]) continue;
			const name = `joshtree_${kind}${split === 'test' ? '_test' : ''}`;
			info[name] = { file_name: path.slice(trainer.length + 1), ...readings[kind] };
		}
	}
	if (Object.keys(info).length === 0) return [];
	const text = `${JSON.stringify(info, undefined, 2)}\n`;
	return [{ name: `${trainer}/dataset_info.json`, mediaType: 'application/json', text }];
}
