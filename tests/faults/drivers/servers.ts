import { isDeepStrictEqual } from 'node:util';
import { writeArguments } from '../../../src/dialogue/call-arguments.ts';
import { ServerModel } from '../../../src/models/server/server-model.ts';
import { request } from '../../models/fake-model.ts';
import { FakeServer, type Answer } from '../../models/server/fake-server.ts';
import type { FaultDriver } from '../fault-case.ts';

/**
 * What a server sends: a body, the chunks of a stream, both, or a text as it is. Where there is only one, it is the answer to whoever
 * asks for a stream, too, and the other way round.
 */
interface Reply {
	readonly whole?: unknown;
	readonly chunks?: readonly unknown[];
	readonly text?: string;
	readonly status?: number;
	readonly type?: string;
}

const tools = [{ name: 'get_weather', description: '', parameters: { type: 'object', properties: {} } }];
const limits = { tries: 2, firstPause: 1, longestPause: 1 };

/**
 * Has each reply of `replies.json` read as the command line reads it (whole) and as the page does (streamed), and gives by its name what
 * became of it: content, thoughts, calls, what else was told of it, or the error; and the requests that it took, if more than one.
 */
const driver: FaultDriver = async (fault) => {
	const replies = JSON.parse(fault.text('replies.json')) as Record<string, Reply>;
	const outcomes = Object.entries(replies).map(async ([name, reply]) => {
		const [whole, streamed] = [await outcomeOf(reply, false), await outcomeOf(reply, true)];
		return [name, isDeepStrictEqual(whole, streamed) ? whole : { whole, streamed }];
	});
	return Object.fromEntries(await Promise.all(outcomes));
};
export default driver;

async function outcomeOf(reply: Reply, isWatched: boolean): Promise<object> {
	const server = await FakeServer.listen();
	try {
		const model = await ServerModel.load({ address: server.origin, model: 'fake', limits });
		const outcome = async () => {
			for (let tries = 0; tries < limits.tries; tries++) server.script.push(answerOf(reply, isWatched));
			try {
				const asked = { ...request('Hi'), tools };
				const { message, problem, usage, warnings } = await model.generate(
					asked,
					isWatched ? { onText: () => undefined } : {}
				);
				const calls = message.tool_calls?.map(({ function: made }) => [made.name, writeArguments(made)]);
				return {
					content: message.content,
					...(message.reasoning !== undefined && { reasoning: message.reasoning }),
					...(calls && { calls }),
					...(problem !== undefined && { problem }),
					tokens: [usage.promptTokens, usage.completionTokens],
					...(warnings && { warnings })
				};
			} catch (error) {
				return { error: String(error) };
			}
		};
		const found = await outcome();
		const requests = server.completions.length;
		const plain = JSON.stringify({ ...found, ...(requests > 1 && { requests }) });
		return JSON.parse(plain.replaceAll(server.origin, 'SERVER')) as object;
	} finally {
		await server.close();
	}
}

function answerOf({ whole, chunks, text, status = 200, type }: Reply, isWatched: boolean): Answer {
	const streams = chunks && (isWatched || whole === undefined);
	const body = streams
		? [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('')
		: (text ?? JSON.stringify(whole));
	return {
		status,
		text: body,
		headers: { 'content-type': type ?? (streams ? 'text/event-stream' : 'application/json') }
	};
}
