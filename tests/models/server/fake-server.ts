import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../../src/base/json.ts';
import type { WireMessage } from '../../../src/models/server/wire-messages.ts';

/** The members of a request's body that the tests look at. */
export interface AskedBody {
	readonly model: string;
	readonly messages: readonly WireMessage[];
	readonly tools?: readonly { readonly function: { readonly name: string } }[];
	readonly seed: number;
	readonly stream?: boolean;
	readonly [key: string]: unknown;
}

export interface Asked {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body?: AskedBody;
}

/** What the server says, before it is put into an envelope or cut into pieces. */
export interface Said {
	readonly content?: string | null;
	readonly tool_calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
	readonly finish?: string;
	readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** One answer to one request: something said, an HTTP error, or trouble. */
export type Answer =
	| Said
	| {
			readonly status: number;
			readonly json?: unknown;
			readonly text?: string;
			readonly headers?: Record<string, string>;
	  }
	| { readonly trouble: 'hang' | 'hang up' | 'break off' | 'redirect' };

export interface FakeServerOptions {
	readonly models?: readonly JsonObject[] | { readonly status: number } | { readonly text: string };
	/** Of llama-server. */
	readonly props?: JsonObject;
	/** By path: media type and text. */
	readonly files?: Readonly<Record<string, readonly [string, string]>>;
	/** Lets pages of other origins ask. */
	readonly cors?: boolean;
	/** What is said where nothing is scripted. */
	readonly reply?: (body: AskedBody) => Answer | Promise<Answer>;
}

const plain: Said = { content: 'Hello.', usage: { prompt_tokens: 12, completion_tokens: 3 } };

/** Speaks enough of OpenAI's API, and misbehaves on demand. */
export class FakeServer {
	readonly asked: Asked[] = [];
	/** Answers to the next requests for completions. */
	readonly script: Answer[] = [];
	/** Requests for completions under way, and the most there were. */
	running = 0;
	most = 0;
	readonly #options: FakeServerOptions;
	readonly #server = createServer((request, response) => void this.#answer(request, response));

	private constructor(options: FakeServerOptions) {
		this.#options = options;
	}

	static async listen(options: FakeServerOptions = {}, port = 0): Promise<FakeServer> {
		const fake = new FakeServer(options);
		await new Promise<void>((resolve) => fake.#server.listen(port, '127.0.0.1', resolve));
		return fake;
	}

	get origin(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** The bodies of the requests for completions. */
	get completions(): AskedBody[] {
		return this.asked.flatMap(({ path, body }) => (path === '/v1/chat/completions' && body ? [body] : []));
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (this.#options.cors) {
			response.setHeader('Access-Control-Allow-Origin', '*');
			response.setHeader('Access-Control-Allow-Headers', '*');
			if (request.method === 'OPTIONS') return void response.writeHead(204).end();
		}
		const file = this.#options.files?.[request.url ?? ''];
		if (file) return send(response, 200, file[1], { 'content-type': file[0] });
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString();
		const { method = '', url: path = '', headers } = request;
		const body = text === '' ? undefined : (JSON.parse(text) as AskedBody);
		this.asked.push({ method, path, headers, ...(body && { body }) });
		if (path === '/v1/models') return this.#listModels(response);
		if (path === '/props' && this.#options.props) return sendJson(response, 200, this.#options.props);
		if (path !== '/v1/chat/completions' || !body) return sendJson(response, 404, { detail: 'Not Found' });

		this.most = Math.max(this.most, ++this.running);
		response.on('close', () => this.running--);
		const answer = this.script.shift() ?? (await this.#options.reply?.(body)) ?? plain;
		if ('status' in answer) {
			const { status, json, text: plainText = '', headers: more = {} } = answer;
			return send(response, status, json === undefined ? plainText : JSON.stringify(json), more);
		}
		if (!('trouble' in answer)) return body.stream ? stream(response, answer) : complete(response, answer);
		switch (answer.trouble) {
			case 'hang':
				return;
			case 'hang up':
				return void response.destroy();
			case 'redirect':
				return send(response, 307, '', { location: 'http://127.0.0.1:9/v1/chat/completions' });
			case 'break off': {
				response.writeHead(200, { 'content-type': 'text/event-stream' });
				response.write(event({ choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] }));
				return void response.end();
			}
		}
	}

	#listModels(response: ServerResponse): void {
		const { models = [{ id: 'fake', object: 'model', owned_by: 'tests' }] } = this.#options;
		if ('text' in models) return send(response, 200, models.text as string, {});
		if ('status' in models) return sendJson(response, models.status as number, { detail: 'no list here' });
		sendJson(response, 200, { object: 'list', data: models });
	}
}

function complete(response: ServerResponse, said: Said): void {
	const { content = null, tool_calls: calls, usage = plain.usage } = said;
	const message = {
		role: 'assistant',
		content,
		...(calls && {
			tool_calls: calls.map(({ id, ...called }) => ({ id, type: 'function', function: called }))
		})
	};
	const finish_reason = said.finish ?? (calls ? 'tool_calls' : 'stop');
	sendJson(response, 200, {
		object: 'chat.completion',
		choices: [{ index: 0, message, finish_reason }],
		usage
	});
}

function stream(response: ServerResponse, said: Said): void {
	const { content, tool_calls: calls = [], usage = plain.usage } = said;
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	const delta = (piece: object) =>
		response.write(event({ choices: [{ index: 0, delta: piece, finish_reason: null }] }));
	for (const piece of (content ?? '').match(/[^]{1,4}/g) ?? []) delta({ content: piece });
	for (const [index, { id, name, arguments: args }] of calls.entries()) {
		delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
		for (const piece of args.match(/[^]{1,5}/g) ?? [])
			delta({ tool_calls: [{ index, function: { arguments: piece } }] });
	}
	const finish_reason = said.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');
	response.write(event({ choices: [{ index: 0, delta: {}, finish_reason }] }));
	response.write(event({ choices: [], usage }));
	response.end('data: [DONE]\n\n');
}

function event(data: object): string {
	return `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...data })}\n\n`;
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
	send(response, status, JSON.stringify(json), {});
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string>): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(text);
}
