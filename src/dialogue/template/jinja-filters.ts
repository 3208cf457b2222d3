import { capitalized, method, replaced, titled } from './jinja-methods.ts';
import {
	compare,
	contains,
	dumpJson,
	equal,
	float,
	isDict,
	isFloat,
	isList,
	isMissing,
	isNamespace,
	isNone,
	isNumber,
	isText,
	isTrue,
	isTruth,
	isWhole,
	items,
	keyValue,
	list,
	missing,
	named,
	str,
	text,
	tuple,
	typeName,
	whole,
	type Value
} from './jinja-values.ts';

type Filter = (value: Value, args: readonly Value[]) => Value;
type Test = (value: Value, args: readonly Value[]) => boolean;

/** `value|name(args)`. @throws {Error} if there is no such filter, or it does not take the value */
export function filtered(value: Value, name: string, args: readonly Value[]): Value {
	const filter = filters.get(name);
	if (!filter) throw new Error(`No filter named '${name}'.`);
	return filter(value, args);
}

/** `value is name(args)`. @throws {Error} if there is no such test, or it does not take the value */
export function tested(value: Value, name: string, args: readonly Value[] = []): boolean {
	const test = tests.get(name);
	if (!test) throw new Error(`No test named '${name}'.`);
	return test(value, args);
}

/** `value.path` for filters that take the name of an attribute: members by name or number, dots between them. */
function attribute(value: Value, path: Value): Value {
	return str(path)
		.split('.')
		.reduce((at, part) => {
			const found =
				isDict(at) || isNamespace(at)
					? at.value.get(part)
					: isList(at) && /^\d+$/.test(part)
						? at.value[Number(part)]
						: undefined;
			return found ?? method(at, part) ?? missing;
		}, value);
}

function lengthOf(value: Value): number {
	if (isText(value)) return Array.from(value.value).length;
	if (isDict(value)) return value.value.size;
	if (isList(value) || isMissing(value)) return items(value).length;
	throw new Error(`object of type '${typeName(value)}' has no len()`);
}

const folded = (value: Value): Value => (isText(value) ? text(value.value.toLowerCase()) : value);

/** What values are ordered by: an attribute of theirs, without regard to case unless told so. */
function orderKey(path: Value | undefined, caseSensitive: Value | undefined): (value: Value) => Value {
	const pick =
		path === undefined || isNone(path) ? (value: Value) => value : (value: Value) => attribute(value, path);
	return caseSensitive && isTrue(caseSensitive) ? pick : (value) => folded(pick(value));
}

function extreme(sign: 1 | -1): Filter {
	return (value, args) => {
		const { case_sensitive, attribute: path } = named(args, 'case_sensitive', 'attribute');
		const key = orderKey(path, case_sensitive);
		return items(value).reduce<Value>(
			(best, member) => (isMissing(best) || sign * compare(key(member), key(best)) < 0 ? member : best),
			missing
		);
	};
}

/** What is looped over by the filters that take None, too, for nothing. */
const membersOf = (value: Value): readonly Value[] => (isTrue(value) ? items(value) : []);

/** `select`, `reject` and the two for attributes: by a test, or by whether the value is true. */
function selecting(keeps: boolean, byAttribute: boolean): Filter {
	return (value, args) => {
		const [path, rest] = byAttribute ? [args[0], args.slice(1)] : [undefined, args];
		const [test, ...others] = rest;
		return list(
			membersOf(value).filter((member) => {
				const subject = path ? attribute(member, path) : member;
				return (test ? tested(subject, str(test), others) : isTrue(subject)) === keeps;
			})
		);
	};
}

const map: Filter = (value, args) => {
	const last = args.at(-1);
	if (last?.type === 'KeywordArgumentsValue' && args.length === 1) {
		const { attribute: path, default: fallback } = named(args, 'attribute', 'default');
		if (!path) throw new Error('map requires a filter argument');
		return list(
			membersOf(value).map((member) => {
				const found = attribute(member, path);
				return isMissing(found) && fallback ? fallback : found;
			})
		);
	}
	const [name, ...rest] = args;
	if (!name) throw new Error('map requires a filter argument');
	return list(membersOf(value).map((member) => filtered(member, str(name), rest)));
};

const tojson: Filter = (value, args) => {
	const { ensure_ascii, indent, separators, sort_keys } = named(
		args,
		'ensure_ascii',
		'indent',
		'separators',
		'sort_keys'
	);
	const step =
		indent === undefined || isNone(indent) ? null : isWhole(indent) ? ' '.repeat(indent.value) : str(indent);
	const [item, key] = separators && isList(separators) ? separators.value.map(str) : [];
	return text(
		dumpJson(value, {
			indent: step,
			separators: [item ?? (step === null ? ', ' : ','), key ?? ': '],
			ensureAscii: ensure_ascii !== undefined && isTrue(ensure_ascii),
			sortKeys: sort_keys !== undefined && isTrue(sort_keys)
		})
	);
};

const indented: Filter = (value, args) => {
	const { width = whole(4), first, blank } = named(args, 'width', 'first', 'blank');
	const by = isWhole(width) ? ' '.repeat(width.value) : str(width);
	const lines = str(value).split('\n');
	return text(
		lines
			.map((line, index) =>
				(index === 0 && !(first && isTrue(first))) || (index > 0 && line === '' && !(blank && isTrue(blank)))
					? line
					: by + line
			)
			.join('\n')
	);
};

const number =
	(write: (value: number) => Value, pattern: RegExp): Filter =>
	(value, args) => {
		const { default: fallback = write(0) } = named(args, 'default', 'base');
		if (isNumber(value)) return write(Number(value.value));
		return isText(value) && pattern.test(value.value.trim()) ? write(Number(value.value)) : fallback;
	};

const joined: Filter = (value, args) => {
	const { d, attribute: path } = named(args, 'd', 'attribute');
	const parts = items(value).map((member) => str(path ? attribute(member, path) : member));
	return text(parts.join(d ? str(d) : ''));
};

const sorted: Filter = (value, args) => {
	const { reverse, case_sensitive, attribute: path } = named(args, 'reverse', 'case_sensitive', 'attribute');
	const key = orderKey(path, case_sensitive);
	const sign = reverse && isTrue(reverse) ? -1 : 1;
	return list([...items(value)].sort((a, b) => sign * compare(key(a), key(b))));
};

const dictsort: Filter = (value, args) => {
	const { case_sensitive, by, reverse } = named(args, 'case_sensitive', 'by', 'reverse');
	if (!isDict(value)) throw new Error(`dictsort does not take ${typeName(value)}`);
	const at = by && str(by) === 'value' ? 1 : 0;
	const key = orderKey(whole(at), case_sensitive);
	const sign = reverse && isTrue(reverse) ? -1 : 1;
	const pairs = [...value.value].map(([name, member]) => tuple([keyValue(name), member]));
	return list(pairs.sort((a, b) => sign * compare(key(a), key(b))));
};

const unique: Filter = (value, args) => {
	const { case_sensitive, attribute: path } = named(args, 'case_sensitive', 'attribute');
	const key = orderKey(path, case_sensitive);
	const kept: Value[] = [];
	for (const member of items(value)) {
		if (!kept.some((other) => equal(key(other), key(member)))) kept.push(member);
	}
	return list(kept);
};

const withDefault: Filter = (value, args) => {
	const { default_value = text(''), boolean } = named(args, 'default_value', 'boolean');
	return isMissing(value) || (boolean && isTrue(boolean) && !isTrue(value)) ? default_value : value;
};

const rounded: Filter = (value, args) => {
	const { precision, method: way } = named(args, 'precision', 'method');
	if (!isNumber(value)) throw new Error(`round does not take ${typeName(value)}`);
	const scale = 10 ** (precision && isWhole(precision) ? precision.value : 0);
	const scaled = Number(value.value) * scale;
	const how = way ? str(way) : 'common';
	// Python rounds halves to even.
	const nearest = Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : Math.round(scaled);
	return float((how === 'ceil' ? Math.ceil(scaled) : how === 'floor' ? Math.floor(scaled) : nearest) / scale);
};

const htmlEscapes: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&#34;',
	"'": '&#39;'
};

const onText =
	(change: (value: string) => string): Filter =>
	(value) =>
		text(change(str(value)));

const escape = onText((value) => value.replace(/[&<>"']/g, (char) => htmlEscapes[char]!));
const count: Filter = (value) => whole(lengthOf(value));

/** What a filter that takes text calls as the method of that name. */
const byMethod =
	(name: string): Filter =>
	(value, args) => {
		const found = method(text(str(value)), name) as unknown as {
			readonly value: (args: readonly Value[]) => Value;
		};
		return found.value(args);
	};

const filters = new Map<string, Filter>([
	['abs', (value) => (isFloat(value) ? float : whole)(Math.abs(Number(isNumber(value) ? value.value : NaN)))],
	['capitalize', onText(capitalized)],
	['count', count],
	['d', withDefault],
	['default', withDefault],
	['dictsort', dictsort],
	['e', escape],
	['escape', escape],
	['first', (value) => items(value)[0] ?? missing],
	['float', number(float, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)],
	['indent', indented],
	['int', number((value) => whole(Math.trunc(value)), /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)],
	[
		'items',
		(value) =>
			isDict(value)
				? list([...value.value].map(([key, member]) => tuple([keyValue(key), member])))
				: list(items(value))
	],
	['join', joined],
	['last', (value) => items(value).at(-1) ?? missing],
	['length', count],
	['list', (value) => list(items(value))],
	['lower', onText((value) => value.toLowerCase())],
	['map', map],
	['max', extreme(-1)],
	['min', extreme(1)],
	['reject', selecting(false, false)],
	['rejectattr', selecting(false, true)],
	['replace', (value, args) => text(replaced(str(value), args))],
	[
		'reverse',
		(value) => (isText(value) ? text([...value.value].reverse().join('')) : list([...items(value)].reverse()))
	],
	['round', rounded],
	['safe', (value) => value],
	['select', selecting(true, false)],
	['selectattr', selecting(true, true)],
	['sort', sorted],
	['string', onText((value) => value)],
	[
		'sum',
		(value) => {
			const numbers = items(value).map((member) => (isNumber(member) ? Number(member.value) : NaN));
			return (items(value).some(isFloat) ? float : whole)(numbers.reduce((a, b) => a + b, 0));
		}
	],
	['title', onText(titled)],
	['tojson', tojson],
	['trim', byMethod('strip')],
	['unique', unique],
	['upper', onText((value) => value.toUpperCase())]
]);

const parity =
	(rest: 0 | 1): Test =>
	(value) => {
		if (!isNumber(value)) throw new Error(`not a number: ${typeName(value)}`);
		return Math.abs(Number(value.value) % 2) === rest;
	};
const isEqual: Test = (value, [other]) => equal(value, other!);
const isUnequal: Test = (value, [other]) => !equal(value, other!);
const ordered =
	(holds: (order: number) => boolean): Test =>
	(value, [other]) =>
		holds(compare(value, other!));
const isGreater = ordered((order) => order > 0);
const isLess = ordered((order) => order < 0);

const tests = new Map<string, Test>([
	['boolean', isTruth],
	['callable', (value) => value.type === 'FunctionValue'],
	['defined', (value) => !isMissing(value)],
	[
		'divisibleby',
		(value, [by]) => isNumber(value) && isNumber(by!) && Number(value.value) % Number(by.value) === 0
	],
	['eq', isEqual],
	['equalto', isEqual],
	['even', parity(0)],
	['false', (value) => isTruth(value) && !value.value],
	['float', isFloat],
	['ge', ordered((order) => order >= 0)],
	['greaterthan', isGreater],
	['gt', isGreater],
	['in', (value, [container]) => contains(container!, value)],
	['integer', isWhole],
	['iterable', (value) => isText(value) || isList(value) || isDict(value) || isMissing(value)],
	['le', ordered((order) => order <= 0)],
	['lessthan', isLess],
	['lower', (value) => str(value) === str(value).toLowerCase() && str(value) !== str(value).toUpperCase()],
	['lt', isLess],
	['mapping', isDict],
	['ne', isUnequal],
	['none', isNone],
	['number', isNumber],
	['odd', parity(1)],
	[
		'sameas',
		(value, [other]) => value === other || (value.type === other!.type && value.value === other!.value)
	],
	['sequence', (value) => isText(value) || isList(value) || isDict(value) || isMissing(value)],
	['string', isText],
	['true', (value) => isTruth(value) && value.value],
	['undefined', isMissing],
	['upper', (value) => str(value) === str(value).toUpperCase() && str(value) !== str(value).toLowerCase()]
]);
