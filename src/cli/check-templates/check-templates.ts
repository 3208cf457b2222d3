import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArguments, UsageError } from '../../../scripts/flags.ts';
import { templateTable, type TriedTemplate } from './template-table.ts';
import { tryTemplate } from './template-trial.ts';

const usage = `usage: npm run check:templates -- FOLDER [--out FILE]

Tries every chat template of a folder (*.jinja) with conversations of both roles and rows of datasets, and prints a table in Markdown.
  --out FILE   write the table there, and print the totals only`;

/**
 * `npm run check:templates`. What a template does not take is a fact and no failure.
 * @returns the exit code: 1 if there is no template, or one cannot be read
 */
export default async function checkTemplates(args: readonly string[]): Promise<number> {
	const { values, positionals } = readArguments(args, { out: { type: 'string' } }, usage);
	const [folder, ...more] = positionals;
	if (folder === undefined || more.length > 0) throw new UsageError(usage);
	let files: string[];
	try {
		files = (await readdir(folder)).filter((name) => name.endsWith('.jinja')).sort();
	} catch (error) {
		console.error(`cannot read ${folder}: ${(error as Error).message}`);
		return 1;
	}
	if (files.length === 0) {
		console.error(`${folder} holds no .jinja files.`);
		return 1;
	}
	const tried: TriedTemplate[] = [];
	let unread = 0;
	for (const file of files) {
		try {
			const source = await readFile(join(folder, file), 'utf8');
			tried.push({
				file: file.replace(/\.jinja$/, ''),
				namesTools: source.includes('tools'),
				...tryTemplate(source)
			});
		} catch (error) {
			unread++;
			console.error(`${file}: ${(error as Error).message}`);
		}
	}
	const { text, totals } = templateTable(tried);
	if (values.out === undefined) console.log(text);
	else await writeFile(values.out, text);
	console.log(totals.join('\n'));
	return unread > 0 ? 1 : 0;
}
