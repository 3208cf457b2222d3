/** Fields of a request that a server can do without: the reply is of the same kind, drawn a little differently or told of less. */
const optional = [
	'seed',
	'top_k',
	'min_p',
	'repetition_penalty',
	'repeat_penalty',
	'parallel_tool_calls',
	'stream_options'
];

/** The optional fields of `body` that a refusal names. */
export function fieldsNamedIn(refusal: string, body: object): string[] {
	return optional.filter((field) => {
		const name = field.replaceAll('_', '_?');
		return Object.hasOwn(body, field) && new RegExp(`(?<!\\w)${name}(?!\\w)`, 'i').test(refusal);
	});
}

export function withoutFields<Body extends object>(body: Body, fields: ReadonlySet<string>): Body {
	return Object.fromEntries(Object.entries(body).filter(([field]) => !fields.has(field))) as Body;
}
