import { UsageError } from '../../scripts/flags.ts';
import { fieldsOf, withValue, type OptionField } from '../base/options.ts';
import { optionsOf, type ChosenPart, type Part } from '../base/part.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { defaultParts, type RunChoices } from '../run/config.ts';
import { partLists } from '../search/compose.ts';
import type { PartRole } from '../search/run-config.ts';
import { integer, number, oneOf } from './flag-values.ts';

/** Flags of a command that say what its run is made of, all of them from the schemas of the parts. */
export type PartFlags = Readonly<Record<string, string | boolean | undefined>>;

/** What a command takes where a flag is not given, and where it is not the option's own default. */
export type PartDefault = (role: PartRole, part: Part, field: OptionField) => Json | undefined;

const roleWords: Readonly<Record<PartRole, string>> = {
	strategy: 'how conversations are searched',
	agent: 'the kind of agent',
	user: 'the kind of user simulator',
	reward: 'guides the search',
	score: 'scores finished conversations; by default the share of goals earned'
};

/** Said by flags of their own: the models have them, too. */
const elsewhere = ['max-tokens'];

export function flagOf({ flag, path }: OptionField): string {
	return flag ?? path.at(-1)!.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** For `readFlags`. */
export function partFlags(
	roles: readonly PartRole[]
): Record<string, { readonly type: 'string' | 'boolean' }> {
	const flags: Record<string, { readonly type: 'string' | 'boolean' }> = {};
	for (const role of roles) {
		flags[role] = { type: 'string' };
		for (const part of partLists[role])
			for (const field of fieldsOf(part.options))
				if (!elsewhere.includes(flagOf(field)))
					flags[flagOf(field)] = { type: field.kind === 'toggle' ? 'boolean' : 'string' };
	}
	return flags;
}

/**
 * What a usage text says of them.
 * @param usual the kinds that the command takes by default
 */
export function partUsage(roles: readonly PartRole[], usual: Partial<Record<PartRole, string>> = {}): string {
	const said = new Set<string>();
	return roles
		.map((role) => {
			const list = [...partLists[role]];
			const by = usual[role] ?? (role === 'score' ? undefined : defaultParts[role].kind);
			const kinds = list.map(({ kind }) => kind).join(', ');
			const lines = [
				line(`--${role} NAME`, `${roleWords[role]}: ${kinds}${by === undefined ? '' : ` (${by})`}`)
			];
			for (const part of list)
				for (const field of fieldsOf(part.options)) {
					const flag = flagOf(field);
					if (elsewhere.includes(flag) || said.has(flag)) continue;
					said.add(flag);
					const of = list.filter(({ options }) => fieldsOf(options).some((other) => flagOf(other) === flag));
					const only = of.length === list.length ? '' : ` [${of.map(({ kind }) => kind).join(', ')}]`;
					lines.push(line(`  --${flag}${valueWord(field)}`, `${field.hint}${defaultWord(field)}${only}`));
				}
			return lines.join('\n');
		})
		.join('\n');
}

function line(flag: string, text: string): string {
	const width = 26;
	return `  ${flag.padEnd(width - 4)}${flag.length >= width - 4 ? ' ' : '  '}${text}`;
}

function valueWord(field: OptionField): string {
	switch (field.kind) {
		case 'toggle':
			return '';
		case 'choice':
			return ` ${field.values.join('|')}`;
		case 'choices':
			return ' LIST';
		case 'whole':
			return ' N';
		case 'number':
			return ' X';
	}
}

function defaultWord(field: OptionField): string {
	if (field.kind === 'toggle') return '';
	return ` (${Array.isArray(field.default) ? field.default.join(',') : String(field.default)})`;
}

/**
 * The parts that flags name, with all their options.
 * @throws {UsageError} that names the flag
 */
export function readParts(
	flags: PartFlags,
	roles: readonly PartRole[],
	usual: Partial<Record<PartRole, string>> = {},
	defaultOf: PartDefault = () => undefined
): Pick<RunChoices, PartRole> {
	const used = new Set<string>();
	const parts: Partial<Record<PartRole, ChosenPart>> = {};
	for (const role of roles) {
		const list = partLists[role];
		const given = flags[role];
		const kind =
			typeof given === 'string'
				? oneOf(`--${role}`, given, list.kinds)
				: (usual[role] ?? (role === 'score' ? undefined : defaultParts[role].kind));
		if (kind === undefined) continue;
		const part = list.get(kind);
		let options: JsonObject = {};
		for (const field of fieldsOf(part.options)) {
			const flag = flagOf(field);
			used.add(flag);
			const value = elsewhere.includes(flag) ? undefined : flags[flag];
			options = withValue(
				options,
				field.path,
				value === undefined
					? (defaultOf(role, part, field) ?? field.default)
					: valueOf(`--${flag}`, value, field)
			);
		}
		parts[role] = { ...options, kind };
	}
	const idle = Object.keys(partFlags(roles)).find(
		(flag) => flags[flag] !== undefined && !used.has(flag) && !roles.includes(flag as PartRole)
	);
	if (idle !== undefined)
		throw new UsageError(
			`--${idle}: none of the chosen parts has it (${roles.map((role) => `--${role} ${parts[role]?.kind ?? 'none'}`).join(', ')}). Leave it out, or choose a part that has it; --help lists them.`
		);
	return parts;
}

function valueOf(flag: string, value: string | boolean, field: OptionField): Json {
	if (typeof value === 'boolean') return value;
	switch (field.kind) {
		case 'whole':
			return integer(flag, value, field.low, field.high);
		case 'number':
			return number(flag, value, field.low, field.high);
		case 'choice':
			return oneOf(flag, value, field.values);
		case 'choices':
			return value.split(',').map((one) => oneOf(flag, one.trim(), field.values));
		case 'toggle':
			return true;
	}
}

/** What differs from the defaults, for the name of a folder: `fork-action-call-price-0.02`. */
export function unusualWords(parts: Pick<RunChoices, PartRole>, but: readonly string[]): string[] {
	return (Object.entries(parts) as [PartRole, ChosenPart][]).flatMap(([role, chosen]) => {
		const isUsual = role !== 'score' && chosen.kind === defaultParts[role].kind;
		const options = fieldsOf(partLists[role].get(chosen.kind).options).flatMap((field) => {
			const value = valueIn(chosen, field);
			if (but.includes(flagOf(field)) || String(value) === String(field.default)) return [];
			return [
				field.kind === 'toggle' ? flagOf(field) : `${flagOf(field)}-${String(value).replaceAll(',', '+')}`
			];
		});
		return [...(isUsual ? [] : [role === 'score' ? `score-${chosen.kind}` : chosen.kind]), ...options];
	});
}

function valueIn(chosen: ChosenPart, { path }: OptionField): unknown {
	return path.reduce<unknown>((value, name) => (value as JsonObject | undefined)?.[name], optionsOf(chosen));
}

/** The flag of a member of a configuration: `--beam` of `strategy.beam`; `undefined` if it has none. */
export function flagOfMember(
	chosen: Partial<Record<PartRole, ChosenPart>>,
	member: string
): string | undefined {
	const [role, ...path] = member.split('.') as [PartRole, ...string[]];
	const kind = chosen[role]?.kind;
	if (kind === undefined || !(role in partLists) || !partLists[role].has(kind)) return undefined;
	if (path.join() === 'kind' || path.length === 0) return `--${role}`;
	const field = fieldsOf(partLists[role].get(kind).options).find((one) => one.path.join() === path.join());
	return field && `--${flagOf(field)}`;
}
