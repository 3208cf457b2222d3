import type { TemplateTrial } from './template-trial.ts';

/** A template, by the name of its file. */
export interface TriedTemplate extends TemplateTrial {
	readonly file: string;
	/** Its source has the word `tools`. */
	readonly namesTools: boolean;
}

/** What templates take as Markdown, with totals, which are given apart as well. */
export function templateTable(tried: readonly TriedTemplate[]): {
	readonly text: string;
	readonly totals: readonly string[];
} {
	const withTools = tried.filter(({ namesTools }) => namesTools);
	const count = (of: readonly TriedTemplate[], has: (one: TriedTemplate) => boolean) =>
		`${of.filter(has).length} of ${of.length}`;
	const totals = [
		`loads, agent complete, user opens, user goes on, all four: ${count(tried, (one) => loads(one) && one.agent && one.opens && one.goesOn)}`,
		`tools in the model's own form, of those that name tools: ${count(withTools, isNative)}`,
		`dataset without errors, of those that name tools: ${count(withTools, ({ datasetError }) => datasetError === undefined)}`
	];
	const rows = tried.map((one) => [
		...named(one.file),
		mark(loads(one)),
		mark(one.agent),
		mark(one.opens),
		mark(one.goesOn),
		isNative(one) ? 'yes' : one.namesTools ? 'no' : '–',
		mark(one.datasetError === undefined),
		note(one)
	]);
	const text = [
		about,
		...totals.map((total) => `- ${total}`),
		'',
		'| template | from | loads | agent | user opens | user goes on | native tools | dataset | what is lost |',
		'| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
		...rows.map((cells) => `| ${cells.join(' | ')} |`),
		'',
		differences,
		''
	].join('\n');
	return { text, totals };
}

const about = `# Models by their chat templates

Made by \`npm run check:templates -- FOLDER --out docs/models.md\`. Each template is tried as Joshtree uses it: it loads; an agent's
conversation keeps all its tools, calls, results and words; the user simulator opens and goes on; tools go in as structure, in the model's own
form (otherwise as Hermes text in the system message); typical rows of a dataset (SFT, KTO, DPO, with calls, truth values, nothing, letters
beyond ASCII) pass the dataset's check without an error. The templates themselves belong to others and are not here.
`;

const differences = `## Where templates run otherwise than in Python

Templates are run by \`@huggingface/jinja\`, corrected in \`src/dialogue/template/jinja-*.ts\`. What is left:

- Methods that change a list or an object (\`append\`, \`pop\`, \`update\`) are refused, as transformers' sandbox refuses them; llama.cpp allows
  them. Some Kimi K2 templates need them for calls, so tools go in as Hermes text.
- \`|safe\` marks nothing: in Python, text that is joined with text marked safe is escaped as HTML (Functionary 3.1).
- \`|tojson\` takes what \`|map\`, \`|select\` and \`|reject\` give; Python refuses it before \`|list\`.
- Tests with arguments (\`is divisibleby 2\`, \`is in x\`), \`do\`, \`include\`, \`import\`, \`recursive\` loops, \`str.format\` with format
  specifications, and keys other than text and whole numbers are not there.
- Every day is 26 July 2024, whatever format \`strftime_now\` is asked for.`;

function loads({ facts }: TriedTemplate): boolean {
	return typeof facts !== 'string' && facts.source === 'own';
}

function isNative({ facts }: TriedTemplate): boolean {
	return typeof facts !== 'string' && facts.tools === 'native';
}

/** Collections name files `WHENCE--NAME`. */
function named(file: string): [name: string, from: string] {
	const at = file.indexOf('--');
	return at < 0 ? [cell(file), ''] : [cell(file.slice(at + 2)), cell(file.slice(0, at))];
}

function note({ facts, datasetError }: TriedTemplate): string {
	const ofPrompts = typeof facts === 'string' ? [facts] : facts.losses;
	return cell([...ofPrompts, ...(datasetError === undefined ? [] : [`Dataset: ${datasetError}.`])].join(' '));
}

const mark = (holds: boolean) => (holds ? 'yes' : 'no');

/** Words of templates, in a table and on one line. */
function cell(text: string): string {
	const line = text.replaceAll(/\s+/g, ' ').trim();
	const short = line.length > 240 ? `${line.slice(0, 240)}…` : line;
	return short.replaceAll(/[|<>\\`*_[\]]/g, (char) => `\\${char}`);
}
