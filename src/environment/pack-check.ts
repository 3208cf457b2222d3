import { canonicalJson, isJsonObject, writeJson, type Json } from '../base/json.ts';
import { own } from '../base/own.ts';
import { checkArguments } from './arguments.ts';
import { within, type PackProblem } from './pack-problem.ts';
import type { InsertOperation, Pack, SelectOperation } from './pack-format.ts';
import { prepareSchema } from './schema.ts';

/**
 * What a schema cannot see: names that point nowhere, keys that are not unique, parameters that could not be checked, goals that no
 * call could meet. Of `stored` packs it is not asked whether parameters can be checked.
 */
export function findPackProblems(pack: Pack, origin: 'new' | 'stored'): PackProblem[] {
	const problems: PackProblem[] = [];
	const report = (path: string, message: string): void => void problems.push({ path, message });

	for (const [name, table] of Object.entries(pack.tables)) {
		const rows = `${within('$.tables', name)}.rows`;
		reportRepeated(
			table.rows.map((row) => own(row, table.key)),
			(index, value) =>
				value === undefined
					? report(`${rows}[${index}]`, `has no "${table.key}", the key of its table; add it`)
					: report(
							within(`${rows}[${index}]`, table.key),
							`${writeJson(value)} is the key of an earlier row; make it unique`
						)
		);
	}

	reportRepeated(
		pack.tools.map((tool) => tool.name),
		(index, name) =>
			report(`$.tools[${index}].name`, `"${String(name)}" is the name of an earlier tool; rename one`)
	);
	pack.tools.forEach((tool, index) => {
		const path = `$.tools[${index}]`;
		if (tool.parameters['type'] !== 'object')
			report(`${path}.parameters.type`, 'must be "object": calls have named arguments');
		for (const problem of origin === 'new' ? prepareSchema(tool.parameters).problems : [])
			report(`${path}.parameters${problem.path}`, problem.message);
		const { properties } = tool.parameters;
		const names = isJsonObject(properties) ? Object.keys(properties) : [];
		if (tool.do.op === 'select') checkSelect(pack, tool.do, names, `${path}.do`, report);
		else checkInsert(pack, tool.do, names, `${path}.do`, report);
	});

	reportRepeated(
		pack.scenarios.map((scenario) => scenario.id),
		(index, id) =>
			report(`$.scenarios[${index}].id`, `"${String(id)}" is the id of an earlier scenario; rename one`)
	);
	const tools = new Map(pack.tools.map((tool) => [tool.name, tool]));
	pack.scenarios.forEach((scenario, index) => {
		reportRepeated(
			(scenario.says ?? []).map((said) => said.id),
			(at, id) =>
				report(
					`$.scenarios[${index}].says[${at}].id`,
					`"${String(id)}" is the id of an earlier one of this scenario; rename one`
				)
		);
		const path = `$.scenarios[${index}].goals`;
		reportRepeated(
			scenario.goals.map((goal) => goal.id),
			(at, id) =>
				report(
					`${path}[${at}].id`,
					`"${String(id)}" is the id of an earlier goal of this scenario; rename one`
				)
		);
		scenario.goals.forEach((goal, at) => {
			const tool = tools.get(goal.name);
			if (!tool) {
				report(
					`${path}[${at}].name`,
					`there is no tool "${goal.name}"; name one of ${[...tools.keys()].join(', ')}`
				);
				return;
			}
			const { problems } = prepareSchema(tool.parameters);
			const problem = problems.length === 0 && checkArguments(tool.parameters, goal.arguments);
			if (problem) report(`${path}[${at}].arguments`, `${tool.name} would refuse them: ${problem}`);
		});
	});
	return problems;
}

type Report = (path: string, message: string) => void;

function checkSelect(
	pack: Pack,
	select: SelectOperation,
	names: readonly string[],
	path: string,
	report: Report
): void {
	const columns = columnsOf(pack, select.from, `${path}.from`, report);
	for (const name of names) {
		if (!columns(name))
			report(
				`${path}.from`,
				`"${select.from}" has no column for the parameter "${name}"; rename one of them`
			);
	}
	for (const name of Object.keys(select.compare ?? {})) {
		if (!names.includes(name)) report(within(`${path}.compare`, name), `there is no parameter "${name}"`);
	}
}

function checkInsert(
	pack: Pack,
	insert: InsertOperation,
	names: readonly string[],
	path: string,
	report: Report
): void {
	const { into, lookup, row } = insert;
	const target = own(pack.tables, into);
	if (!target)
		report(`${path}.into`, `there is no table "${into}"; name one of ${Object.keys(pack.tables).join(', ')}`);
	else if (!Object.hasOwn(row, target.key))
		report(`${path}.row`, `lacks "${target.key}", the key of "${into}"; add it`);

	const columns = lookup ? columnsOf(pack, lookup.from, `${path}.lookup.from`, report) : undefined;
	const checkTemplate = (template: Json, at: string): void => {
		if (typeof template !== 'string' || !template.startsWith('$')) return;
		const [, kind, name] = /^\$(args|row)\.(.+)$/.exec(template) ?? [];
		if (kind === 'args' && !names.includes(name!)) report(at, `there is no parameter "${name}"`);
		else if (kind === 'row' && !columns) report(at, 'there is no "lookup" that would find a row');
		else if (kind === 'row' && !columns!(name!)) report(at, `"${lookup!.from}" has no column "${name}"`);
		else if (!kind && template !== '$ref')
			report(at, 'must be a plain value, $args.<parameter>, $row.<column> or $ref');
	};
	for (const [column, template] of Object.entries(row))
		checkTemplate(template, within(`${path}.row`, column));
	for (const [column, template] of Object.entries(lookup?.where ?? {})) {
		const at = within(`${path}.lookup.where`, column);
		if (!columns!(column)) report(at, `"${lookup!.from}" has no such column`);
		checkTemplate(template, at);
	}
	insert.return.forEach((column, index) => {
		if (!Object.hasOwn(row, column))
			report(`${path}.return[${index}]`, `"${column}" is not a column of the new row`);
	});
}

/** Tells which columns a table has. Reports a table that does not exist; then, and for an empty table, every column will do. */
function columnsOf(pack: Pack, name: string, path: string, report: Report): (column: string) => boolean {
	const table = own(pack.tables, name);
	if (!table) report(path, `there is no table "${name}"; name one of ${Object.keys(pack.tables).join(', ')}`);
	if (!table || table.rows.length === 0) return () => true;
	const columns = new Set(table.rows.flatMap((row) => Object.keys(row)));
	return (column) => columns.has(column);
}

/** Calls back for each value that came before or is undefined. */
function reportRepeated(
	values: readonly (Json | undefined)[],
	report: (index: number, value: Json | undefined) => void
): void {
	const seen = new Set<string>();
	values.forEach((value, index) => {
		const text = value === undefined ? undefined : canonicalJson(value);
		if (text === undefined || seen.has(text)) report(index, value);
		else seen.add(text);
	});
}
