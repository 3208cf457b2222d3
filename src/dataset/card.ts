import type { Environment } from '../environment/environment.ts';
import type { ModelIdentity } from '../models/language-model.ts';
import { partWords } from '../search/compose.ts';
import type { RunConfig, RunOrigin } from '../search/run-config.ts';
import { columnNotes } from './check/column-notes.ts';
import type { CheckReport } from './check/self-check.ts';
import type { CurationOptions } from './curation/curation.ts';
import { splits, type DatasetFormat } from './format.ts';
import { hubPath, runFolder } from './folder.ts';
import { formNotes, type TargetForm } from './formats/target-form.ts';
import type { DatasetSummary } from './summary.ts';
import type { ThoughtMember } from './thoughts.ts';

export interface CardInput {
	readonly madeBy: { readonly name: string; readonly version: string };
	readonly record: { readonly config: RunConfig; readonly origin: RunOrigin };
	readonly environment: Pick<Environment, 'title' | 'license' | 'languages' | 'tools'>;
	readonly formats: readonly DatasetFormat[];
	readonly curation: CurationOptions;
	/** What rows call thoughts; absent if they hold none. */
	readonly thoughts?: ThoughtMember;
	readonly summary: DatasetSummary;
	readonly report: CheckReport;
}

/** Folders that `load_dataset` knows by name, in the order of the card; the first is its default. */
const configurations = ['sft', 'prompt_completion', 'dpo', 'kto', 'reward'] as const;

/** README.md of a dataset folder: what the Hub reads (YAML) and what people do. */
export function cardText(input: CardInput): string {
	return `${frontMatter(input)}\n${body(input)}`;
}

function frontMatter({ environment, formats, summary }: CardInput): string {
	const present = configurations.filter(
		(name) => rowsOf(summary, name, 'train') + rowsOf(summary, name, 'test') > 0
	);
	const total = Object.values(summary.rows).reduce((sum, rows) => sum + rows, 0);
	return [
		'---',
		`pretty_name: ${JSON.stringify(`${environment.title}, harvested with JOSH`)}`,
		// What the Hub does not know by its own name goes under "other".
		`license: ${hubLicense(environment.license)}`,
		...languageLines(environment),
		'task_categories: [text-generation]',
		'annotations_creators: [machine-generated]',
		'language_creators: [machine-generated]',
		`size_categories: [${sizeCategory(total)}]`,
		'tags: [synthetic, josh, joshtree, tool-calling, function-calling, preference, "arxiv:2409.04617"]',
		...(present.length > 0 ? ['configs:'] : []),
		...present.flatMap((name, index) => [
			`- config_name: ${name}`,
			...(index === 0 ? ['  default: true'] : []),
			'  data_files:',
			...splits
				.filter((split) => rowsOf(summary, name, split) > 0)
				.map((split) => `  - {split: ${split}, path: ${name}/${split}-*.jsonl}`)
		]),
		...(present.length > 0 ? ['dataset_info:'] : []),
		...present.flatMap((name) => [`- config_name: ${name}`, '  features:', ...featureLines(name, formats)]),
		'---',
		''
	].join('\n');
}

/** The Hub has a list for languages, and another one for tags that say more, such as `pt-BR`. */
function languageLines({ languages = [] }: CardInput['environment']): string[] {
	const tags = languages.flatMap((tag) => Intl.getCanonicalLocales(tag));
	const plain = new Set(tags.map((tag) => tag.split('-')[0]));
	return [
		...(plain.size > 0 ? [`language: ${JSON.stringify([...plain])}`] : []),
		...(tags.some((tag) => tag.includes('-'))
			? [`language_bcp47: ${JSON.stringify([...new Set(tags)])}`]
			: [])
	];
}

/** The columns of a configuration, so that `datasets` need not infer them from the values. */
function featureLines(configuration: string, formats: readonly DatasetFormat[]): string[] {
	const format = formats.find(({ pathOf }) => pathOf('train') === hubPath(configuration, 'train'));
	return Object.entries(format?.features ?? {}).map(([column, feature]) =>
		feature === 'list of json'
			? `  - {name: ${column}, list: json}`
			: `  - {name: ${column}, dtype: ${feature}}`
	);
}

function body({
	madeBy,
	record,
	environment,
	formats,
	curation,
	thoughts,
	summary,
	report
}: CardInput): string {
	const { config, origin } = record;
	const { kto, sft, dpo } = summary.examples;
	const columns = report.columns.flatMap(columnNotes);
	const table: readonly (readonly [string, string])[] = [
		[
			'environment',
			`${environment.title}; pack \`${origin.pack.id}\`, SHA-256 \`${origin.pack.hash}\` (\`${runFolder.pack}\`)`
		],
		['agent', `${modelWords(origin.agentModel)}; ${partWords('agent', config.agent)}`],
		['user simulator', `${modelWords(origin.userModel)}; ${partWords('user', config.user)}`],
		['seed', `${config.seed}; that of each reply is a hash of it and of the reply's place in the search`],
		['search', partWords('strategy', config.strategy)],
		['reward', partWords('reward', config.reward)],
		...(config.score ? [['score', partWords('score', config.score)] as const] : []),
		['yield', yieldWords(summary)],
		['examples', `SFT ${sft}; KTO ${kto.true} good and ${kto.false} bad; DPO ${dpo}`],
		['tokens', tokenWords(report)],
		...thoughtsRow(summary, thoughts),
		...(report.form ? [['form', formWords(report.form, report.target)] as const] : []),
		['filters', curationWords(curation)],
		['left out', `${summary.leftOut.length} rows, each named with its reason in \`${runFolder.manifest}\``],
		[
			'row order',
			curation.order === 'shuffled'
				? `shuffled with seed ${curation.seed}, rows of one conversation apart`
				: 'as harvested'
		],
		['licences', `environment: ${environment.license}; the models' own terms hold for what they wrote`]
	];
	return [
		`# ${environment.title}, harvested with JOSH`,
		'',
		`Written by ${madeBy.name} ${madeBy.version}. Two language models talked, a tool-calling agent and a simulated user; a beam search over`,
		'their conversations (JOSH, arXiv 2409.04617) found the replies that earned a goal and those beside them that did not.',
		'',
		'```python',
		'from datasets import load_dataset  # 4.7 or later',
		'',
		...configurations
			.filter((name) => rowsOf(summary, name, 'train') > 0)
			.map((name) => `${name} = load_dataset("PATH_OR_REPOSITORY", "${name}")`),
		'```',
		'',
		'| | |',
		'| --- | --- |',
		...table.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`),
		'',
		'## Files',
		'',
		'| file | rows | format |',
		'| --- | --- | --- |',
		...Object.entries(summary.rows).map(
			([path, rows]) => `| \`${path}\` | ${rows} | ${formatName(path, formats)} |`
		),
		'',
		`Every row says in \`meta\`, where its format has room for it, which scenario, turn and branch it comes from. \`${runFolder.events}\` holds`,
		'every step of every search, those of pruned branches too: joshtree opens this folder as a run again, to look at it, to write',
		'other datasets from it, or to go on with it where its models are.',
		'',
		...renamings(formats, environment.tools),
		...(report.suggestions.notes.length > 0
			? ['## What to set', '', ...report.suggestions.notes.map((note) => `- ${note}`), '']
			: []),
		...(columns.length > 0
			? ['## Columns as `datasets` reads them', '', ...columns.map(({ text }) => `- ${text}`), '']
			: []),
		'## Limits',
		'',
		'Users are simulated. The reward looks at what is named above, not at politeness or truth of what is said in words.',
		''
	].join('\n');
}

/** What became of the agent's thoughts, if it had any. */
function thoughtsRow(
	{ thoughts: found }: DatasetSummary,
	member: ThoughtMember | undefined
): (readonly [string, string])[] {
	if (!found) return [];
	const { messages, keptIn, leftOutOf } = found;
	const listed = (ids: readonly string[]) => ids.map((id) => `\`${id}\``).join(', ');
	const but = leftOutOf.length === 0 ? '' : `, left out of ${listed(leftOutOf)}`;
	const what = keptIn.length === 0 ? 'left out' : `kept in messages as \`${member}\`${but}`;
	return [['thoughts', `the agent thought before ${messages} messages; ${what}`]];
}

/** What files that OpenAI takes call tools whose names it does not take. */
function renamings(formats: readonly DatasetFormat[], tools: Environment['tools']): string[] {
	const changes = new Map(formats.flatMap((format) => [...(format.toolNames?.(tools) ?? [])]));
	if (changes.size === 0) return [];
	const list = [...changes].map(([name, other]) => `\`${name}\` is \`${other}\``);
	return [
		`OpenAI takes letters, digits, \`_\` and \`-\` in names of tools, 64 at most. In its files ${list.join(', ')}.`,
		''
	];
}

function rowsOf({ rows }: DatasetSummary, configuration: string, split: string): number {
	return Object.entries(rows)
		.filter(([path]) => path.startsWith(`${configuration}/${split}-`))
		.reduce((sum, [, count]) => sum + count, 0);
}

function formatName(path: string, formats: readonly DatasetFormat[]): string {
	return formats.find(({ pathOf }) => path === pathOf('train') || path === pathOf('test'))?.label ?? '';
}

function modelWords({ name, hash, engine, reproducible }: ModelIdentity): string {
	return `${name}, \`${hash}\`, ${engine}${reproducible ? '' : ' (not reproducible)'}`;
}

function curationWords(curation: CurationOptions): string {
	const {
		minReward,
		errors,
		maxCharacters,
		rating,
		contradictions,
		similarity,
		badPerGood,
		perScenario,
		testShare
	} = curation;
	return [
		`reward at least ${minReward}`,
		errors === 'leave out' ? 'no error on the golden path' : 'errors on the golden path kept',
		...(maxCharacters > 0 ? [`at most ${maxCharacters} characters`] : []),
		...(rating === 'any' ? [] : [rating === 'good' ? 'rated good by a person' : 'not rated bad by a person']),
		similarity < 1 ? `near-duplicates above ${similarity} removed` : 'exact duplicates removed',
		`contradictory labels: ${contradictions === 'first' ? 'the first stays' : contradictions === 'good' ? 'the good one stays' : 'both left out'}`,
		...(badPerGood > 0 ? [`at most ${badPerGood} bad rows for each good one`] : []),
		...(perScenario > 0 ? [`at most ${perScenario} examples of a scenario and kind`] : []),
		`${percent(testShare)} of the training scenarios held back for testing`
	].join('; ');
}

function yieldWords({ scenarios, withoutGoals, successRate, meanReward }: DatasetSummary): string {
	return [
		`scenarios: ${scenarios}`,
		...(withoutGoals > 0 ? [`${withoutGoals} of them set no goal and are not counted here`] : []),
		`${successRate === null ? '–' : percent(successRate)} earned every goal, mean reward ${meanReward?.toFixed(3) ?? '–'}`
	].join('; ');
}

function tokenWords({ target, lengths }: CheckReport): string {
	const kinds = Object.entries(lengths.kinds).map(
		([kind, { whole }]) =>
			`${kind.toUpperCase()} median ${whole.median}, 95 % up to ${whole.p95}, longest ${whole.max}`
	);
	const how =
		lengths.tokens === 'estimated' ? 'estimated from characters' : `as ${target ?? 'the model'} counts them`;
	return kinds.length === 0 ? 'no rows' : `whole rows, ${how}: ${kinds.join('; ')}`;
}

function formWords(form: TargetForm, target = 'the model'): string {
	return `rows of TRL and Axolotl SFT are written for the chat template of ${target}: ${formNotes(form).join(' ')}`;
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

const hubLicenses = ['mit', 'apache-2.0', 'cc-by-4.0', 'cc-by-sa-4.0', 'cc0-1.0', 'cc-by-nc-4.0'];

function hubLicense(license: string): string {
	const name = license.toLowerCase();
	return hubLicenses.includes(name) ? name : 'other';
}

function sizeCategory(rows: number): string {
	const steps = ['1K', '10K', '100K', '1M', '10M'];
	const index = [1e3, 1e4, 1e5, 1e6, 1e7].findIndex((limit) => rows < limit);
	if (index === 0) return 'n<1K';
	return index < 0 ? '10M<n<100M' : `${steps[index - 1]}<n<${steps[index]}`;
}
