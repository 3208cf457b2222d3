import { writeJson } from '../base/json.ts';
import type { ToolSpec } from '../dialogue/tool.ts';
import type { RunConfig, RunOrigin } from '../search/run-config.ts';
import type { CheckReport } from './check/self-check.ts';
import type { CurationOptions } from './curation/curation.ts';
import type { DatasetFormat } from './format.ts';
import type { WrittenFile } from './ledger.ts';
import type { DatasetSummary } from './summary.ts';
import type { ThoughtMember } from './thoughts.ts';

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
	/** See `RunRecord.warnings`. */
	readonly warnings?: { readonly [warning: string]: number };
	readonly curation: CurationOptions;
	/** What rows call thoughts; absent if they hold none. */
	readonly thoughts?: ThoughtMember;
	readonly formats: readonly DatasetFormat[];
	readonly tools: readonly ToolSpec[];
	readonly summary: DatasetSummary;
	/** Where rows were written without a self-check, what is known of the columns all the same. */
	readonly report: CheckReport | Pick<CheckReport, 'columns'>;
	/** All files that the manifest vouches for, other than itself. */
	readonly files: readonly WrittenFile[];
}

/** What is in the files, what made them and how to tell that they are whole. JSON text with a final LF. */
export function manifestText(input: ManifestInput): string {
	const {
		madeBy,
		run,
		writtenAt,
		config,
		origin,
		warnings,
		curation,
		thoughts,
		formats,
		tools,
		summary,
		report,
		files
	} = input;
	const { rows, leftOut, fruitless, cutShort, damage, ...counts } = summary;
	const described = files.map(({ path, bytes, sha256 }) => ({
		name: path,
		...formatOf(path, formats, tools),
		...(Object.hasOwn(rows, path) && { rows: rows[path] }),
		bytes,
		sha256
	}));
	const manifest = {
		manifest: manifestId,
		madeBy,
		...(run && { run }),
		...(writtenAt !== undefined && { writtenAt }),
		files: described,
		counts,
		harvest: curation,
		...(thoughts && { thoughts }),
		check: 'commands' in report ? found(report) : report,
		config,
		origin,
		...(warnings && { warnings }),
		leftOut,
		fruitless,
		cutShort,
		damage
	};
	return `${writeJson(manifest, '  ')}\n`;
}

/** The commands depend on nothing else, and their settings lie beside the files. */
function found({ commands: _, ...report }: CheckReport): Omit<CheckReport, 'commands'> {
	return report;
}

function formatOf(
	name: string,
	formats: readonly DatasetFormat[],
	tools: readonly ToolSpec[]
): { readonly format?: string; readonly toolNames?: Readonly<Record<string, string>> } {
	const format = formats.find(
		({ fileName, pathOf }) => name === fileName || name === pathOf('train') || name === pathOf('test')
	);
	if (!format) return {};
	const toolNames = Object.fromEntries(format.toolNames?.(tools) ?? []);
	return { format: format.id, ...(Object.keys(toolNames).length > 0 && { toolNames }) };
}
