import { readFile } from 'node:fs/promises';
import { readReplyCases, unread, type ReplyCase } from './reply-cases.ts';

const usage = `Usage: npm run read-replies -- FILE

Reads the replies of a file of cases as the engines do, and tells which are read otherwise than they are meant. FILE is JSON:
{"cases": [{"id", "syntax", "reply", "opened", "tools", "content", "calls": [{"name", "arguments"}], "reasoning"}]}`;

/** Syntaxes that public models of today write; the rest are old, rare or very large models'. */
const lists = {
	first:
		/^(?:hermes-json|hermes-json-list|drift|llama3-json|qwen3-coder-xml|lfm2-.*|mistral-.*|gemma4|functiongemma|json-list|pythonic|llama4-pythonic|olmo3|granite3|phi4-mini|functools|glm-arg-keys|hunyuan3-arg-keys|reasoning)$/,
	second: /^(?:deepseek-.*|dsml|kimi-.*|minimax-.*|harmony|command-r.*|functionary-.*|seed-oss-.*)$/,
	others: /^/
} as const;

/**
 * `npm run read-replies -- FILE`
 *
 * @returns the exit code: 1 if a reply is read otherwise than it is meant, or a case cannot be read
 */
export default async function readReplies([path]: readonly string[]): Promise<number> {
	if (path === undefined || path === '--help') {
		(path === undefined ? console.error : console.log)(usage);
		return path === undefined ? 2 : 0;
	}
	let file;
	try {
		file = readReplyCases(await readFile(path, 'utf8'));
	} catch (error) {
		console.error(`${path} cannot be read: ${(error as Error).message}`);
		return 1;
	}
	const { cases, problems } = file;
	for (const problem of problems) console.error(`${path}: ${problem}; this case is left out`);
	const misses = new Map(
		cases.flatMap((one) => {
			const miss = unread(one);
			return miss === undefined ? [] : [[one, miss] as const];
		})
	);
	for (const [{ id }, miss] of misses) console.log(`${id}: ${miss}`);
	for (const [name, some] of groups(cases)) console.log(`${name}: ${readOf(some, misses)}`);
	console.log(readOf(cases, misses));
	return misses.size > 0 || problems.length > 0 ? 1 : 0;
}

function readOf(cases: readonly ReplyCase[], misses: ReadonlyMap<ReplyCase, string>): string {
	return `${cases.filter((one) => !misses.has(one)).length} of ${cases.length} read`;
}

/** Each case is in the first list that has its syntax; lists without cases are left out. */
function groups(cases: readonly ReplyCase[]): [string, ReplyCase[]][] {
	const entries = Object.entries(lists);
	const listOf = ({ syntax }: ReplyCase) => entries.find(([, pattern]) => pattern.test(syntax))![0];
	return entries
		.map(([name]): [string, ReplyCase[]] => [name, cases.filter((one) => listOf(one) === name)])
		.filter(([, some]) => some.length > 0);
}
