import { isJsonObject, writeJson, type Json } from '../base/json.ts';
import type { Pack } from './pack-format.ts';

/** How deep the text of each member is broken into lines. */
const depths: Readonly<Record<string, number>> = { prompts: 1, tables: 3, tools: 1, scenarios: 1 };

/** A pack as stable JSON text with one row, tool or scenario a line: compact, and readable in a diff. */
export function writePackText(pack: Pack): string {
	const members = Object.entries(pack).map(
		([name, value]) => `\t${JSON.stringify(name)}: ${lines(value as Json, depths[name] ?? 0, '\t')}`
	);
	return `{\n${members.join(',\n')}\n}\n`;
}

function lines(value: Json, depth: number, indent: string): string {
	const inner = `${indent}\t`;
	const [items, open, close] = isJsonObject(value)
		? [
				Object.entries(value).map(
					([key, item]) => `${JSON.stringify(key)}: ${lines(item, depth - 1, inner)}`
				),
				'{',
				'}'
			]
		: Array.isArray(value)
			? [(value as readonly Json[]).map((item) => lines(item, depth - 1, inner)), '[', ']']
			: [[], '', ''];
	if (depth === 0 || items.length === 0) return writeJson(value);
	return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}
