import { readArguments, UsageError } from '../../../scripts/flags.ts';
import { mergeShards } from './merge-shards.ts';
import { report } from '../summary-table.ts';

export const mergeUsage = `Usage: npm run merge -- --out DIR SHARD_DIR...

Joins the shards of one harvest (npm run harvest -- --shard I/N) into one run with its dataset files.

  --out DIR   folder of the joined run; new or empty
  --help      this text`;

/**
 * `npm run merge`.
 *
 * @returns the exit code
 */
export default async function merge(args: readonly string[]): Promise<number> {
	const { values, positionals } = readArguments(
		args,
		{ out: { type: 'string' }, help: { type: 'boolean' } },
		mergeUsage
	);
	if (values.help) {
		console.log(mergeUsage);
		return 0;
	}
	if (!values.out || positionals.length === 0)
		throw new UsageError(`--out and the folders of the shards are needed.\n\n${mergeUsage}`);
	const summary = await mergeShards(values.out, positionals);
	return report(summary, `${positionals.length} shards joined in ${values.out}`);
}
