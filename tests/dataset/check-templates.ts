/**
 * Short chat templates of our own that do what those of models do, good and bad.
 */

const start = '<|im_start|>';
const end = '<|im_end|>\\n';

interface Parts {
	/** How a call is written; `call` is its function. */
	readonly call?: string;
	/** How words are written; `message.content`. */
	readonly content?: string;
	/** What asks for an answer. */
	readonly generation?: string;
	/** Before each message. */
	readonly before?: string;
}

export const hermesCall = `{{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' + (call.arguments | tojson) + '}\\n</tool_call>' }}`;

/** ChatML with tools as Hermes models have them, or with a part that goes wrong. */
export function chatml({
	call = hermesCall,
	content = '{{- message.content }}',
	generation = `{{- '${start}assistant\\n' }}`,
	before = ''
}: Parts = {}): string {
	return `
{%- if tools %}{{- '${start}system\\n<tools>\\n' }}{% for tool in tools %}{{- tool | tojson + '\\n' }}{% endfor %}{{- '</tools>${end}' }}{% endif %}
{%- for message in messages %}
${before}
{{- '${start}' + message.role + '\\n' }}
${content}
{%- for made in message.tool_calls or [] %}{% set call = made.function %}
${call}
{%- endfor %}
{{- '${end}' }}
{%- endfor %}
{%- if add_generation_prompt %}
${generation}
{%- endif %}`;
}

export const sound = chatml();

export const doubleEscaping = chatml({
	call: `{{- '{"name": "' + call.name + '", "arguments": ' + (call.arguments | tojson | tojson) + '}' }}`
});

export const droppingCalls = chatml({ call: '' });

export const droppingArguments = chatml({ call: `{{- '[' + call.name + ']' }}` });

export const droppingContent = chatml({
	content: '{%- if not message.tool_calls %}{{- message.content }}{% endif %}'
});

export const droppingWords = chatml({ content: '' });

export const trimming = chatml({ content: '{{- message.content | trim }}' });

export const printingNone = chatml({
	call: `{{- '{"name": "' + call.name + '"' }}{% for key, value in call.arguments.items() %}{{- ', "' + key + '": ' }}{% if value is none %}{{- 'None' }}{% else %}{{- value | tojson }}{% endif %}{% endfor %}{{- '}' }}`
});

/** As where a column without a value was filled up. */
export const fillingUp = chatml({
	call: `{{- '{"name": "' + call.name + '", "arguments": ' + (call.arguments | tojson) + ', "strict": ' + (call.get('strict') | tojson) + '}' }}`
});

export const breakingPrefix = chatml({ generation: `{{- '${start}assistant\\n<think>\\n\\n</think>\\n' }}` });

/** As Llama 3.1's. */
export const oneCallOnly = chatml({
	before: `{%- if message.tool_calls and message.tool_calls | length > 1 %}{{- raise_exception('This model takes one call at a time.') }}{% endif %}`
});

/** Calls as Python, results as JSON strings. */
export const pythonic = chatml({
	content: `{%- if message.role == 'tool' %}{{- message.content | tojson }}{% else %}{{- message.content }}{% endif %}`,
	call: `{{- call.name + '(' }}{% for key, value in call.arguments.items() %}{{- key + '=' }}{% if value is none %}{{- 'None' }}{% else %}{{- value | tojson }}{% endif %}{{- ',' }}{% endfor %}{{- ')' }}`
});
