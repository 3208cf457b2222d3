import { ContextOverflowError, ModelFaultError, ModelLoadError } from '../language-model.ts';

/**
 * What went wrong, as far as it matters here:
 * - `overflow`: the prompt is longer than the context;
 * - `lost`: the graphics device or its memory is gone, the engine is empty, and loading again may help;
 * - `request`: what was asked for can never be answered, by this engine or another;
 * - `fault`: anything else.
 */
export type Failure = 'overflow' | 'lost' | 'request' | 'fault';

/** First match wins. web-llm throws classes of its own, strings, and whatever WebGPU and WASM throw below it. */
const failures: readonly (readonly [Failure, RegExp])[] = [
	['overflow', /ContextWindowSizeExceededError|exceed context window size/i],
	[
		'request',
		/GrammarMatcherInitError|InvalidResponseFormat\w*Error|MessageOrderError|MinValueError|NonNegativeError|SeedTypeError|ConfigValueError|UnsupportedFieldsError/
	],
	['lost', /DeviceLostError|device\s?(was|is)?\s?lost|GPUDeviceLost/i],
	['lost', /out of memory|out-of-memory|OutOfMemory|\bOOM\b|allocation failed|Invalid typed array length/i],
	// What a request meets that was under way when the engine unloaded itself, and one that comes after.
	['lost', /already been disposed|ModelNotLoadedError|EngineNotLoadedError/],
	['lost', /AbortError|OperationError|mapAsync|external Instance reference|Buffer was (destroyed|unmapped)/]
];

/** An error as text: its name and message, whether it came as an `Error`, as a string or as anything else. */
export function errorText(error: unknown): string {
	if (typeof error === 'string') return error;
	if (error instanceof Error) {
		return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
	}
	const { message } = (error ?? {}) as { readonly message?: unknown };
	return typeof message === 'string' ? message : String(error);
}

export function failureOf(error: unknown): Failure {
	const text = errorText(error);
	return failures.find(([, pattern]) => pattern.test(text))?.[0] ?? 'fault';
}

/** The error to throw for a request that failed. */
export function generationError(error: unknown): Error {
	const text = errorText(error);
	switch (failureOf(error)) {
		case 'overflow':
			return new ContextOverflowError(`The prompt is too long: ${text}`, { cause: error });
		case 'request':
			return new Error(`web-llm cannot do what was asked of it: ${text}`, { cause: error });
		case 'lost':
			return new ModelFaultError(`The graphics device was lost, or its memory ran out: ${text}`, {
				cause: error
			});
		case 'fault':
			return new ModelFaultError(`web-llm failed: ${text}`, { cause: error });
	}
}

/** What to do when a model cannot be loaded. First match wins. */
const advice: readonly (readonly [RegExp, string])[] = [
	[
		/ShaderF16SupportError|shader-f16/,
		'This device cannot compute with 16-bit floats. Choose a model whose name has f32.'
	],
	[
		/WebGPUNot\w+Error|WebGPU is not supported/i,
		'This browser offers no WebGPU here. Use a recent Chrome or Edge, or another engine.'
	],
	[
		/FeatureSupportError|maxStorageBufferBindingSize|exceeds the (max|limit)/i,
		'This graphics device cannot run the model. Choose a smaller one.'
	],
	[
		/device\s?(was|is)?\s?lost|DeviceLostError|memory|\bOOM\b|allocat/i,
		'It does not fit into the memory of the graphics device. Choose a smaller model or a shorter context.'
	],
	[/QuotaExceeded|quota/i, "The browser's storage is full. Delete a model, or free disk space."],
	[/IntegrityError/, 'A file is not what it should be. Delete the model and download it again.'],
	[
		/LinkError|CompileError|function import requires/,
		'Its library was compiled for another version of web-llm.'
	],
	[
		/Failed to fetch|NetworkError|network|Cannot fetch|Failed to execute 'add'|\b404\b|Request failed/i,
		'A file could not be downloaded. Are you offline, or is the address wrong? What has arrived is kept.'
	]
];

export function loadError(error: unknown): ModelLoadError {
	if (error instanceof ModelLoadError) return error;
	const text = errorText(error);
	const help = advice.find(([pattern]) => pattern.test(text))?.[1] ?? 'Choose another model.';
	return new ModelLoadError(`The model could not be loaded. ${help} (${text})`, { cause: error });
}
