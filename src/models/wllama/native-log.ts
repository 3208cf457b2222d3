/** Keeps the first error line, where llama.cpp names the cause; prints nothing, for it is talkative. */
export class NativeLog {
	firstError: string | undefined;
	/** Rejects when wllama's worker fails outright, of which wllama tells nobody but its log. */
	readonly workerFailure: Promise<never>;
	#fail: (error: Error) => void = () => {};

	constructor() {
		this.workerFailure = new Promise((_, reject) => (this.#fail = reject));
		this.workerFailure.catch(() => {}); // reported to the callers that wait, if any
	}

	debug = () => {};
	log = (...parts: unknown[]): void => {
		// The reason why llama.cpp ends itself. What comes as an error afterwards is a list of functions.
		const [line] = parts;
		if (typeof line === 'string' && sourceLine.test(line))
			this.firstError ??= line.replace(sourceLine, '').trim();
	};
	warn = () => {};
	error = (...parts: unknown[]): void => {
		const [first] = parts;
		if (first instanceof Event) {
			const { message } = first as Event & { readonly message?: string };
			this.firstError ??=
				message ?? "its worker could not be started; the page's security policy must allow blob: workers";
			this.#fail(new Error(this.firstError));
		} else {
			this.firstError ??= parts.map(lineOf).join(' ').trim() || undefined;
		}
	};
}

/** E.g. `/source/llama.cpp/ggml/src/ggml.c:12: GGML_ASSERT(…) failed`. */
const sourceLine = /^\S+\.(?:c|cc|cpp|h|hpp):\d+: /;

function lineOf(part: unknown): string {
	if (typeof part === 'string') return part;
	return part instanceof Error ? part.message : String(part);
}
