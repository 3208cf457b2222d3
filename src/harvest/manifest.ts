import { sha256 } from '../base/hash.ts';
import type { RunConfig, RunOrigin } from '../search/run-config.ts';
import type { DatasetFile } from './dataset.ts';
import type { DatasetFormat } from './format.ts';
import type { DatasetSummary } from './summary.ts';

export const manifestId = 'joshtree-manifest/1';

export interface ManifestInput {
	/** What wrote the files, e.g. `{ name: 'joshtree', version: '0.1.0' }`. */
	readonly madeBy: { readonly name: string; readonly version: string };
	/** Only the manifest knows which run it was and when; the datasets of equal runs are equal. */
	readonly run?: { readonly id: string; readonly createdAt: string };
	/** ISO 8601. */
	readonly writtenAt?: string;
	readonly config: RunConfig;
	readonly origin: RunOrigin;
	readonly minReward: number;
	readonly formats: readonly DatasetFormat[];
	readonly summary: DatasetSummary;
	/** All files that the manifest vouches for, other than itself. */
	readonly files: readonly DatasetFile[];
}

/** What is in the files, what made them and how to tell that they are whole. JSON text with a final LF. */
export async function writeManifest(input: ManifestInput): Promise<string> {
	const { madeBy, run, writtenAt, config, origin, minReward, formats, summary, files } = input;
	const { rows, leftOut, ...counts } = summary;
	const described = [];
	// One after the other: hashing takes a whole file into memory.
	for (const { name, content } of files) {
		described.push({
			name,
			...formatOf(name, formats),
			...(Object.hasOwn(rows, name) && { rows: rows[name] }),
			bytes: content.size,
			sha256: await sha256(await content.arrayBuffer())
		});
	}
	const manifest = {
		manifest: manifestId,
		madeBy,
		...(run && { run }),
		...(writtenAt !== undefined && { writtenAt }),
		files: described,
		counts,
		harvest: { minReward },
		config,
		origin,
		leftOut
	};
	return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function formatOf(name: string, formats: readonly DatasetFormat[]): { readonly format?: string } {
	const format = formats.find(({ fileName }) => fileName === name);
	return format ? { format: format.id } : {};
}
