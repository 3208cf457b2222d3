import { openAsBlob } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { UsageError } from '../../../scripts/flags.ts';
import { exportRun, folderPreset, targetOf, type StoredRun } from '../../run/export-run.ts';
import type { TargetChoice } from '../../run/dataset-service.ts';
import { checkTable } from './check-table.ts';
import { datasetUsage, readDatasetOptions } from './dataset-options.ts';
import { shippedModel } from '../evaluate/evaluate-options.ts';
import { interruptible, interrupted } from '../interruption.ts';
import { intoFolder, NodeScratch, unfinishedFolder } from '../node-dataset.ts';
import { openRun } from './opened-run.ts';
import { report } from '../summary-table.ts';

/**
 * `npm run dataset`: a dataset folder from a run.
 *
 * @returns the exit code; `--check` fails if the self-check refuses an example
 */
export default async function dataset(args: readonly string[]): Promise<number> {
	const options = readDatasetOptions(args);
	if (options === undefined) {
		console.log(datasetUsage);
		return 0;
	}
	const { out, formats, curation, thoughts } = options;
	if (out !== undefined) await refuseFull(out);
	const opened = await openRun(options.run);
	const run: StoredRun = {
		...opened,
		pack: async () => opened.pack,
		madeBy: { name: 'joshtree', version: packageJson.version },
		scratch: () => NodeScratch.create()
	};
	const target = options.target === undefined ? undefined : await targetAt(options.target);
	const choices = { formats, curation, ...(thoughts && { thoughts }), ...(target && { target }) };
	const embedded = async () => targetOf(await ggufTarget(shippedModel));
	const preset = await folderPreset(choices, embedded);
	const outcome = await interruptible(
		() => console.error('stopping; nothing is written'),
		async (signal) => {
			try {
				if (out === undefined) return await exportRun(run, preset, { signal });
				return await intoFolder(out, (sink) => exportRun(run, preset, { signal, sink }));
			} catch (error) {
				if (signal.aborted) return undefined;
				throw error;
			}
		}
	);
	if (!outcome) return interrupted;
	const code = report(
		outcome.summary,
		checkTable(outcome.report),
		...(out === undefined ? [] : [`Written to ${out}`])
	);
	return out === undefined && outcome.report.refused > 0 ? 1 : code;
}

/** Nothing of an earlier dataset may be mixed with this one. */
async function refuseFull(out: string): Promise<void> {
	const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return [];
		throw new UsageError(`--out ${out} cannot be used: ${error.message}`);
	});
	if (names.some((name) => name !== unfinishedFolder))
		throw new UsageError(`${out} is not empty. Nothing was changed; choose another --out.`);
}

async function targetAt(path: string): Promise<TargetChoice> {
	const kind = await stat(path).catch(() => {
		throw new UsageError(`--target: there is nothing at ${path}.`);
	});
	if (kind.isFile()) return ggufTarget(path);
	const names = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'] as const;
	const texts = await Promise.all(
		names.map(
			async (name) => [name, await readFile(join(path, name), 'utf8').catch(() => undefined)] as const
		)
	);
	const files = Object.fromEntries(texts.filter(([, text]) => text !== undefined));
	if (Object.keys(files).length === 0)
		throw new UsageError(`--target: ${path} has none of ${names.join(', ')}.`);
	return { kind: 'files', name: path, files };
}

async function ggufTarget(path: string): Promise<TargetChoice> {
	return { kind: 'gguf', name: basename(path), file: await openAsBlob(path) };
}
