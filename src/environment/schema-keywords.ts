import { format, type SchemaDraft } from '@cfworker/json-schema';
import { isJsonObject, type Json } from '../base/json.ts';
import { within } from './pack-problem.ts';

/** What a keyword is read with. */
export interface Reading {
	readonly draft: SchemaDraft | undefined;
	report(path: string, message: string): void;
	/** The copy of a schema in a keyword's value. */
	subschema(given: Json, path: string): Json;
}

/** Checks the value of a keyword and copies it. */
type Keyword = (value: Json, path: string, reading: Reading) => Json;

const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** Types that schemas are often given, after other languages, and the right ones. */
const otherTypes = new Map([
	['float', 'number'],
	['double', 'number'],
	['decimal', 'number'],
	['int', 'integer'],
	['long', 'integer'],
	['str', 'string'],
	['text', 'string'],
	['date', 'string'],
	['char', 'string'],
	['bool', 'boolean'],
	['dict', 'object'],
	['map', 'object'],
	['list', 'array'],
	['tuple', 'array'],
	['set', 'array'],
	['None', 'null']
]);

/** Formats of OpenAPI that describe a number or text and restrict nothing which JSON could break. */
const describing = new Set(['int32', 'int64', 'float', 'double', 'decimal', 'byte', 'binary', 'password']);

/** The validator's own but `url`, which takes exponential time. */
const checked = new Set(Object.keys(format).filter((name) => name !== 'url'));

const isText = (value: Json): value is string => typeof value === 'string';
const isNumber = (value: Json) => typeof value === 'number' || typeof value === 'bigint';
const isCount = (value: Json) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isTexts = (value: Json): boolean => Array.isArray(value) && value.every(isText);

/** A value that is taken as it is if it is right. */
function value(isRight: (value: Json, reading: Reading) => boolean, message: string): Keyword {
	return (given, path, reading) => {
		if (!isRight(given, reading)) reading.report(path, message);
		return given;
	};
}

const unsupported = (message: string): Keyword => value(() => false, message);
const text = value(isText, 'must be text');
const number = value(isNumber, 'must be a number');
const count = value(isCount, 'must be a whole number, 0 or more');
const limit = value(
	(given, { draft }) => (draft === '4' ? typeof given === 'boolean' : isNumber(given)),
	'must be a number (true or false in draft-04 only, and there nothing else)'
);
const schema: Keyword = (given, path, { subschema }) => subschema(given, path);

const type: Keyword = (given, path, { report }) => {
	const listed = Array.isArray(given) ? (given as readonly Json[]) : [given];
	if (listed.length === 0) report(path, 'must name at least one type');
	listed.forEach((one, index) => {
		if (isText(one) && types.includes(one)) return;
		const right = isText(one) ? otherTypes.get(one) : undefined;
		report(
			Array.isArray(given) ? within(path, index) : path,
			one === 'any'
				? '"any" is not a type of JSON Schema; leave "type" out'
				: `${JSON.stringify(one)} is not a type of JSON Schema; use ${right ? `"${right}"` : types.join(', ')}`
		);
	});
	return given;
};

const formatName: Keyword = (given, path, { report }) => {
	if (!isText(given)) report(path, 'must be text');
	else if (!checked.has(given) && !describing.has(given))
		report(path, `"${given}" is a format that cannot be checked; use "pattern" or leave it out`);
	return given;
};

const schemas: Keyword = (given, path, { report, subschema }) => {
	if (Array.isArray(given) && given.length > 0)
		return (given as readonly Json[]).map((one, index) => subschema(one, within(path, index)));
	report(path, 'must be a list of at least one schema');
	return given;
};

/** What `each` makes of every member. */
function map(each: Keyword): Keyword {
	return (given, path, reading) => {
		if (isJsonObject(given))
			return Object.fromEntries(
				Object.entries(given).map(([name, one]) => [name, each(one, within(path, name), reading)])
			);
		reading.report(path, 'must be an object');
		return given;
	};
}

const names = value(isTexts, 'must be a list of names');
const eitherOr =
	(isFirst: (value: Json) => boolean, first: Keyword, second: Keyword): Keyword =>
	(given, path, reading) =>
		(isFirst(given) ? first : second)(given, path, reading);
const isList = (value: Json) => Array.isArray(value);

/** Every keyword that the validator looks at. */
export const keywords: Readonly<Record<string, Keyword>> = {
	$schema: value(
		(_, { draft }) => draft !== undefined,
		'names no draft that is known; leave it out, or name draft-04, -06, -07, 2019-09 or 2020-12'
	),
	$id: text,
	$anchor: text,
	$ref: text,
	$recursiveRef: value((given) => given === '#', 'must be "#"'),
	$recursiveAnchor: value((given) => typeof given === 'boolean', 'must be true or false'),
	$dynamicRef: unsupported('cannot be followed; use "$ref"'),
	$defs: map(schema),
	definitions: map(schema),
	type,
	enum: value((given) => Array.isArray(given) && given.length > 0, 'must be a list of at least one value'),
	const: value(() => true, ''),
	allOf: schemas,
	anyOf: schemas,
	oneOf: schemas,
	not: schema,
	if: schema,
	then: schema,
	else: schema,
	properties: map(schema),
	patternProperties: unsupported(
		'cannot be checked in bounded time; use "properties", or "propertyNames" with a pattern'
	),
	additionalProperties: schema,
	unevaluatedProperties: schema,
	propertyNames: schema,
	required: names,
	minProperties: count,
	maxProperties: count,
	dependentRequired: map(names),
	dependentSchemas: map(schema),
	dependencies: map(eitherOr(isList, names, schema)),
	items: eitherOr(
		isList,
		(given, path, reading) =>
			(given as readonly Json[]).map((one, index) => reading.subschema(one, within(path, index))),
		schema
	),
	prefixItems: schemas,
	additionalItems: schema,
	unevaluatedItems: schema,
	contains: schema,
	minContains: count,
	maxContains: count,
	minItems: count,
	maxItems: count,
	uniqueItems: value((given) => typeof given === 'boolean', 'must be true or false'),
	minimum: number,
	maximum: number,
	exclusiveMinimum: limit,
	exclusiveMaximum: limit,
	multipleOf: value((given) => isNumber(given) && (given as number) > 0, 'must be a number above 0'),
	minLength: count,
	maxLength: count,
	pattern: text,
	format: formatName
};

/** Keywords whose schemas apply to the same value as the schema that they are in. */
export const inPlace: ReadonlySet<string> = new Set([
	'allOf',
	'anyOf',
	'oneOf',
	'not',
	'if',
	'then',
	'else',
	'dependentSchemas',
	'dependencies'
]);
