import type { JsonObject } from '../../base/json.ts';

/** What decides, beside the request, what a server is sent. Recorded with a run: equal settings, equal requests. */
export interface ServerSettings {
	/**
	 * How the model is told of its tools. `native`: in the request's `tools`; the server renders them and reads the calls.
	 * `hermes`: as schemas in the system message, calls as `<tool_call>` text. `compact`: the same with names and parameters
	 * only, for small models such as the embedded one.
	 */
	readonly tools: 'native' | 'hermes' | 'compact';
	/**
	 * A user's words put before a conversation that has none yet or that the assistant opens, because many chat templates
	 * refuse those; empty for none. The user simulator is always in this place.
	 */
	readonly greeting: string;
	/** Tokens that prompt and reply share, if the server does not say. */
	readonly contextTokens?: number;
	/** The field in which this server takes a GBNF grammar, e.g. `grammar` (llama-server). Without it there are no grammars. */
	readonly grammarField?: string;
	/** More fields of the request's body, e.g. `{ chat_template_kwargs: { enable_thinking: false } }`. */
	readonly body?: JsonObject;
}

/** tau-bench opens its user simulator with these words. */
const greeting = 'Hi! How can I help you today?';

export const defaultSettings: ServerSettings = { tools: 'native', greeting };

/** The settings for models that were trained on this project's own prompts. */
export const compactSettings: ServerSettings = { tools: 'compact', greeting: '' };

/** What decides how long things take, and nothing else; not recorded. Times are in milliseconds. */
export interface ServerLimits {
	/** Requests at once. */
	readonly concurrency: number;
	/** How often a request is sent at the most, before it is given up. */
	readonly tries: number;
	/** Of one try, from the first byte sent to the last received. */
	readonly timeLimit: number;
	/** Before the second try; it doubles from try to try, up to `longestPause`. A server's `Retry-After` counts for more. */
	readonly firstPause: number;
	readonly longestPause: number;
}

/** Five minutes is also how long Node waits for a server that sends nothing. */
export const defaultLimits: ServerLimits = {
	concurrency: 8,
	tries: 6,
	timeLimit: 300_000,
	firstPause: 500,
	longestPause: 30_000
};

export interface ServerSource {
	/** As typed, e.g. `http://localhost:8000/v1`. */
	readonly address: string;
	/** As the server calls it. */
	readonly model: string;
	/** Kept in memory only: it is sent to this address and appears in no identity, event, message or log. */
	readonly key?: string;
	readonly settings?: Partial<ServerSettings>;
	readonly limits?: Partial<ServerLimits>;
	/** False sends every request without streaming, watched or not: some servers read tool calls better then. */
	readonly streams?: boolean;
}
