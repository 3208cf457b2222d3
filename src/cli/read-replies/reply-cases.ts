import * as v from 'valibot';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-read.ts';
import { readReply } from '../../dialogue/syntax/read-reply.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';

/** A reply of which it is known what it means. */
export interface ReplyCase {
	readonly id: string;
	/** The group it belongs to. */
	readonly syntax: string;
	/** What the engine gave, control tokens included. */
	readonly reply: string;
	/** What the prompt had opened when the reply began. */
	readonly opened?: string;
	readonly tools: readonly ToolSpec[];
	readonly content: string;
	readonly calls: readonly { readonly name: string; readonly arguments: JsonObject }[];
	readonly reasoning?: string;
}

const text = v.string('must be a text');
const object = v.custom<JsonObject>((value) => isJsonObject(value as Json), 'must be an object');

const caseSchema = v.object({
	id: text,
	syntax: v.optional(text, 'no group'),
	reply: text,
	opened: v.nullish(text),
	tools: v.optional(
		v.array(
			v.object({
				function: v.object({
					name: text,
					description: v.optional(text, ''),
					parameters: v.optional(object, {})
				})
			})
		),
		[]
	),
	content: v.nullish(text),
	calls: v.optional(v.array(v.object({ name: text, arguments: v.optional(object, {}) })), []),
	reasoning: v.nullish(text)
});

/**
 * The cases in a file `{"cases": [...]}`, or a list of them; tools in OpenAI's form.
 * @returns `problems`: why some are none, by their place from 1
 * @throws {JsonError} if it is not JSON
 * @throws {Error} if it holds no list of cases
 */
export function readReplyCases(file: string): {
	readonly cases: readonly ReplyCase[];
	readonly problems: readonly string[];
} {
	const value = parseJson(file) as Json & { readonly cases?: Json };
	const list = Array.isArray(value) ? value : value?.cases;
	if (!Array.isArray(list)) throw new Error('expected a list of cases, or an object whose "cases" is one');
	const cases: ReplyCase[] = [];
	const problems: string[] = [];
	for (const [index, one] of (list as readonly Json[]).entries()) {
		const read = v.safeParse(caseSchema, one);
		if (read.success) cases.push(caseOf(read.output));
		else {
			const [issue] = read.issues;
			problems.push(`case ${index + 1}: ${v.getDotPath(issue) ?? 'it'} ${issue.message}`);
		}
	}
	return { cases, problems };
}

function caseOf({ opened, content, reasoning, tools, ...rest }: v.InferOutput<typeof caseSchema>): ReplyCase {
	return {
		...rest,
		tools: tools.map(({ function: tool }) => tool),
		content: content ?? '',
		...(opened != null && { opened }),
		...(reasoning != null && { reasoning })
	};
}

/** What is read otherwise than it is meant; `undefined` if nothing is. White space at the ends does not count. */
export function unread(one: ReplyCase): string | undefined {
	const { reply, tools, opened } = one;
	const read = readReply(reply, { tools, ...(opened !== undefined && { opened }) });
	const calls = read.toolCalls.map(({ function: { name, arguments: args } }) => ({ name, arguments: args }));
	const differences: [what: string, found: string, meant: string][] = [
		['calls', canonicalJson(calls), canonicalJson(one.calls)],
		['content', read.content.trim(), one.content.trim()],
		...(one.reasoning === undefined
			? []
			: [['reasoning', (read.reasoning ?? '').trim(), one.reasoning.trim()] as [string, string, string]])
	];
	const different = differences.filter(([, found, meant]) => found !== meant);
	if (different.length === 0) return undefined;
	const problems = read.problems.map(({ message }) => message).join('; ');
	return [
		...different.map(
			([what, found, meant]) => `${what}: read ${found || 'nothing'}, meant ${meant || 'nothing'}`
		),
		...(problems === '' ? [] : [problems])
	].join('; ');
}
