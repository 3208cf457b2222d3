import { isJsonObject, type Json, type JsonObject } from '../../../src/base/json.ts';

/** What a model is to say: calls by name and arguments. */
export interface Made {
	readonly name: string;
	readonly arguments: JsonObject;
}

export interface Encoder {
	readonly syntax: string;
	readonly encode: (calls: readonly Made[]) => string;
	/** The reply may have words before the calls. */
	readonly takesWords: boolean;
	/** Texts that this syntax cannot hold. */
	readonly forbids: RegExp;
}

const json = JSON.stringify;
const text = (value: Json): string => (typeof value === 'string' ? value : json(value));
const members = ({ arguments: args }: Made) => Object.entries(args);

function python(value: Json): string {
	if (value === null) return 'None';
	if (typeof value === 'boolean') return value ? 'True' : 'False';
	if (typeof value === 'string')
		return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
	if (Array.isArray(value)) return `[${(value as readonly Json[]).map(python).join(', ')}]`;
	if (isJsonObject(value))
		return `{${Object.entries(value)
			.map(([key, one]) => `${python(key)}: ${python(one)}`)
			.join(', ')}}`;
	return json(value);
}

const pythonCall = (made: Made) =>
	`${made.name}(${members(made)
		.map(([key, value]) => `${key}=${python(value)}`)
		.join(', ')})`;

const object = (key: string) => (made: Made) => json({ name: made.name, [key]: made.arguments });
const list = (calls: readonly Made[]) => `[${calls.map(object('arguments')).join(', ')}]`;

const parameters = (made: Made) =>
	members(made)
		.map(([key, value]) => `<parameter=${key}>\n${text(value)}\n</parameter>\n`)
		.join('');
const named = (tag: string) => (made: Made) =>
	members(made)
		.map(([key, value]) => `<${tag} name="${key}">${text(value)}</${tag}>\n`)
		.join('');
const argKeys = (suffix: string) => (made: Made) =>
	members(made)
		.map(
			([key, value]) =>
				`<arg_key${suffix}>${key}</arg_key${suffix}>\n<arg_value${suffix}>${text(value)}</arg_value${suffix}>\n`
		)
		.join('');

function gemma(quote: string) {
	const value = (one: Json): string => {
		if (typeof one === 'string') return `${quote}${one}${quote}`;
		if (Array.isArray(one)) return `[${(one as readonly Json[]).map(value).join(',')}]`;
		if (isJsonObject(one)) return pairs(one);
		return json(one);
	};
	const pairs = (one: JsonObject): string =>
		`{${Object.entries(one)
			.map(([key, member]) => `${key}:${value(member)}`)
			.join(',')}}`;
	return ({ name, arguments: args }: Made) => `call:${name}${pairs(args)}`;
}

const dsml = '｜DSML｜';
const k3 = (value: Json) =>
	value === null ? 'null' : Array.isArray(value) ? 'array' : isJsonObject(value) ? 'object' : typeof value;

const nothing = /(?!)/;
const tags = /<\/?\w|<[|｜]/;

function encoder(
	syntax: string,
	encode: Encoder['encode'],
	{ takesWords = true, forbids = nothing }: Partial<Pick<Encoder, 'takesWords' | 'forbids'>> = {}
): Encoder {
	return { syntax, encode, takesWords, forbids };
}

const each =
	(one: (made: Made) => string, between = '\n') =>
	(calls: readonly Made[]) =>
		calls.map(one).join(between);

/** How models write calls, by their public templates and documentation; written apart from the readers. */
export const encoders: readonly Encoder[] = [
	encoder(
		'hermes-json',
		each((made) => `<tool_call>\n${object('arguments')(made)}\n</tool_call>`)
	),
	encoder('hermes-json-list', (calls) => `<tool_call>${list(calls)}</tool_call>`),
	encoder('llama3-json', each(object('parameters'), '; '), { takesWords: false }),
	encoder('llama3-json, tagged', (calls) => `<|python_tag|>${each(object('parameters'), '; ')(calls)}`),
	encoder(
		'qwen3-coder-xml',
		each((made) => `<tool_call>\n<function=${made.name}>\n${parameters(made)}</function>\n</tool_call>`),
		{ forbids: tags }
	),
	encoder(
		'seed-oss-xml',
		each(
			(made) => `<seed:tool_call>\n<function=${made.name}>\n${parameters(made)}</function>\n</seed:tool_call>`
		),
		{ forbids: tags }
	),
	encoder(
		'functionary-v3.1',
		each((made) => `<function=${made.name}>${json(made.arguments)}</function>`, '')
	),
	encoder(
		'functionary-v3.2',
		(calls) => `${calls.map((made) => `${made.name}\n${json(made.arguments)}`).join('>>>')}`,
		{ takesWords: false }
	),
	encoder(
		'glm-arg-keys',
		each((made) => `<tool_call>${made.name}\n${argKeys('')(made)}</tool_call>`),
		{ forbids: tags }
	),
	encoder(
		'hunyuan3-arg-keys',
		(calls) =>
			`<tool_calls:opensource>\n${each((made) => `<tool_call:opensource>${made.name}<tool_sep:opensource>\n${argKeys(':opensource')(made)}</tool_call:opensource>`)(calls)}\n</tool_calls:opensource>`,
		{ forbids: tags }
	),
	encoder(
		'lfm2-pythonic',
		(calls) => `<|tool_call_start|>[${each(pythonCall, ', ')(calls)}]<|tool_call_end|>`
	),
	encoder('lfm2-json', (calls) => `<|tool_call_start|>${list(calls)}<|tool_call_end|>`),
	encoder('mistral-json-list', (calls) => `[TOOL_CALLS]${list(calls)}`),
	encoder(
		'mistral-args',
		each((made) => `[TOOL_CALLS]${made.name}[ARGS]${json(made.arguments)}`, '')
	),
	encoder(
		'gemma4',
		each((made) => `<|tool_call>${gemma('<|"|>')(made)}<tool_call|>`, ''),
		{ forbids: tags }
	),
	encoder(
		'functiongemma',
		each((made) => `<start_function_call>${gemma('<escape>')(made)}<end_function_call>`, ''),
		{ forbids: tags }
	),
	encoder('json-list', list, { takesWords: false }),
	encoder('json-list, fenced after words', (calls) => `\`\`\`json\n${list(calls)}\n\`\`\``),
	encoder('pythonic', (calls) => `[${each(pythonCall, ', ')(calls)}]`),
	encoder('llama4-pythonic', (calls) => `<|python_start|>[${each(pythonCall, ', ')(calls)}]<|python_end|>`),
	encoder('olmo3', (calls) => `<function_calls>\n${each(pythonCall)(calls)}\n</function_calls>`),
	encoder('gemma3-tool-code', (calls) => `\`\`\`tool_code\n${each(pythonCall)(calls)}\n\`\`\``),
	encoder('granite3', (calls) => `<|tool_call|>${list(calls)}`),
	encoder('phi4-mini', (calls) => `<|tool_call|>${list(calls)}<|/tool_call|>`),
	encoder('functools', (calls) => `functools${list(calls)}`),
	encoder(
		'minimax-m2-xml',
		(calls) =>
			`<minimax:tool_call>\n${each((made) => `<invoke name="${made.name}">\n${named('parameter')(made)}</invoke>`)(calls)}\n</minimax:tool_call>`,
		{ forbids: tags }
	),
	encoder('minimax-m1-lines', (calls) => `<tool_calls>\n${each(object('arguments'))(calls)}\n</tool_calls>`),
	encoder(
		'dsml',
		(calls) =>
			`<${dsml}tool_calls>\n${each(
				(made) =>
					`<${dsml}invoke name="${made.name}">\n${members(made)
						.map(
							([key, value]) =>
								`<${dsml}parameter name="${key}" string="${typeof value === 'string'}">${text(value)}</${dsml}parameter>\n`
						)
						.join('')}</${dsml}invoke>`
			)(calls)}\n</${dsml}tool_calls>`,
		{ forbids: tags }
	),
	encoder(
		'minicpm5-xml',
		each((made) => `<function name="${made.name}">${named('param')(made)}</function>`),
		{ forbids: tags }
	),
	encoder(
		'deepseek-v3-fenced',
		(calls) =>
			`<｜tool▁calls▁begin｜>${each((made) => `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${made.name}\n\`\`\`json\n${json(made.arguments)}\n\`\`\`<｜tool▁call▁end｜>`)(calls)}<｜tool▁calls▁end｜>`
	),
	encoder(
		'deepseek-v3.1',
		(calls) =>
			`<｜tool▁calls▁begin｜>${each((made) => `<｜tool▁call▁begin｜>${made.name}<｜tool▁sep｜>${json(made.arguments)}<｜tool▁call▁end｜>`, '')(calls)}<｜tool▁calls▁end｜>`
	),
	encoder(
		'kimi-k2',
		(calls) =>
			`<|tool_calls_section_begin|>${calls.map((made, index) => `<|tool_call_begin|>functions.${made.name}:${index}<|tool_call_argument_begin|>${json(made.arguments)}<|tool_call_end|>`).join('')}<|tool_calls_section_end|>`
	),
	encoder(
		'kimi-k3',
		(calls) =>
			`<|open|>tools<|sep|>${calls
				.map(
					(made, index) =>
						`<|open|>call tool="${made.name}" index="${index + 1}"<|sep|>${members(made)
							.map(
								([key, value]) =>
									`<|open|>argument key="${key}" type="${k3(value)}"<|sep|>${text(value)}<|close|>argument<|sep|>`
							)
							.join('')}<|close|>call<|sep|>`
				)
				.join('')}<|close|>tools<|sep|>`,
		{ forbids: tags }
	),
	encoder(
		'solar-open',
		(calls) =>
			`<|tool_calls|>${each((made) => `<|tool_call:begin|>a1b2<|tool_call:name|>${made.name}<|tool_call:args|>${json(made.arguments)}<|tool_call:end|>`, '')(calls)}<|calls|>`
	),
	encoder(
		'harmony',
		each(
			(made) =>
				`<|channel|>commentary to=functions.${made.name} <|constrain|>json<|message|>${json(made.arguments)}<|call|>`,
			'<|start|>assistant'
		),
		{ takesWords: false, forbids: tags }
	),
	encoder(
		'command-r7b',
		(calls) =>
			`<|START_ACTION|>[\n${calls.map((made, index) => json({ tool_call_id: String(index), tool_name: made.name, parameters: made.arguments })).join(',\n')}\n]<|END_ACTION|>`
	),
	encoder(
		'command-r',
		(calls) =>
			`Action: \`\`\`json\n${json(calls.map((made) => ({ tool_name: made.name, parameters: made.arguments })))}\n\`\`\``
	),
	encoder('nemotron-v2', (calls) => `<TOOLCALL>${list(calls)}</TOOLCALL>`),
	encoder('tool-calls-list', (calls) => `<tool_calls>${list(calls)}</tool_calls>`),
	encoder(
		'apertus',
		(calls) =>
			`<|tools_prefix|>${json(calls.map((made) => ({ [made.name]: made.arguments })))}<|tools_suffix|>`
	),
	encoder(
		'internlm2',
		each((made) => `<|action_start|><|plugin|>\n${object('parameters')(made)}<|action_end|>`)
	),
	encoder(
		'gigachat3.1',
		each((made) => `<|function_call|>${object('arguments')(made)}`)
	),
	encoder(
		'longcat',
		each((made) => `<longcat_tool_call>${object('arguments')(made)}</longcat_tool_call>`)
	)
];
