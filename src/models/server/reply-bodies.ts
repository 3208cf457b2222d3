import { JsonError, parseJson } from '../../base/json-read.ts';
import type { Json } from '../../base/json.ts';
import { BrokenReplyError } from './faults.ts';

/**
 * The JSON bodies of a reply: one, or one for each event of a stream. What has arrived decides, not what was asked for and not the
 * content type: some servers stream to those who did not ask, answer whole to those who did, or call all of it `text/plain`.
 * @throws {BrokenReplyError} if it breaks off or is not JSON
 */
export async function* bodiesOf(response: Response): AsyncGenerator<Json, void, void> {
	const lines = linesOf(response);
	try {
		// Empty lines keep a connection open while the server thinks.
		let first = await lines.next();
		while (!first.done && first.value.trim() === '') first = await lines.next();
		const line = first.value ?? '';
		if (field.test(line)) yield* eventsOf(line, lines);
		else yield parseBody(await textOf(line, lines));
	} finally {
		await lines.return();
	}
}

/**
 * The only place where what a server sends becomes values.
 * @throws {BrokenReplyError} that quotes it, if it is not JSON or holds what cannot be kept
 */
export function parseBody(text: string): Json {
	if (text.trim() === '') throw new BrokenReplyError('the server sent an empty body');
	try {
		return parseJson(text);
	} catch (error) {
		if (!(error instanceof JsonError)) throw error;
		throw new BrokenReplyError(
			`the server sent a body that cannot be read: ${error.message} in ${excerpt(text)}`
		);
	}
}

/** @throws {BrokenReplyError} if it breaks off */
export async function bodyText(response: Response): Promise<string> {
	let text = '';
	for await (const piece of piecesOf(response)) text += piece;
	return text;
}

/** Enough of a text to tell what it is. */
export function excerpt(text: string): string {
	const line = text.trim().replaceAll(/\s+/g, ' ');
	return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

type Lines = AsyncGenerator<string, void, void>;

/** What a line of server-sent events begins with. `error` is none of the standard's; llama-server sends it. */
const field = /^(data|event|id|retry|error)?:/;

async function* eventsOf(first: string, lines: Lines): AsyncGenerator<Json, void, void> {
	let data: string[] = [];
	let isError = false;
	const body = (): Json | undefined => {
		const text = data.join('\n').trim();
		data = [];
		if (text === '' || text.startsWith('[DONE]')) return undefined;
		const parsed = parseBody(text);
		return isError && !hasError(parsed) ? { error: parsed } : parsed;
	};
	const take = (line: string): void => {
		const name = field.exec(line)?.[1];
		const value = line.slice(line.indexOf(':') + 1).replace(/^ /, '');
		if (name === 'event') isError = value.trim() === 'error';
		else if (name === 'error') [data, isError] = [[value], true];
		else if (name === 'data') data.push(value);
		// A gateway that gives up may write its complaint as it is.
		else if (line.startsWith('{')) data.push(line);
	};

	take(first);
	for await (const line of lines) {
		if (line !== '') {
			take(line);
			continue;
		}
		const whole = body();
		isError = false;
		if (whole !== undefined) yield whole;
	}
	const last = body();
	if (last !== undefined) yield last;
}

function hasError(body: Json): boolean {
	return typeof body === 'object' && body !== null && 'error' in body;
}

async function textOf(first: string, lines: Lines): Promise<string> {
	const all = [first];
	for await (const line of lines) all.push(line);
	return all.join('\n');
}

/** Lines without their ends, which may be LF, CR LF or CR, and may be cut in two. */
async function* linesOf(response: Response): Lines {
	let rest = '';
	for await (const piece of piecesOf(response)) {
		const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
		rest = lines.pop()!;
		yield* lines;
	}
	yield rest.replace(/\r$/, '');
}

/** @throws {BrokenReplyError} if the connection ends before the body does, or what comes is not UTF-8 */
async function* piecesOf({ body }: Response): AsyncGenerator<string> {
	if (!body) return;
	const reader = body.getReader();
	const decoder = new TextDecoder('utf-8', { fatal: true });
	try {
		for (let isOver = false; !isOver;) {
			let text: string;
			try {
				const { done, value } = await reader.read();
				isOver = done;
				text = decoder.decode(value, { stream: !done });
			} catch (cause) {
				throw new BrokenReplyError('the reply broke off', { cause });
			}
			yield text;
		}
	} finally {
		reader.cancel().catch(() => undefined); // a caller that leaves early wants no more of it
	}
}
