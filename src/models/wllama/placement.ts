/*
 * How a model is laid out over a machine, by its size. Measured with llama.cpp in WASM: several requests in one batch bring a
 * CPU next to nothing (8 at once: 1.1 to 1.4 times one), so small models run in several copies of one thread each, which
 * is also what keeps them reproducible. Of a large model there is room for one copy only, and its threads share the work.
 * Without a free core, threads that wait for each other were thirty times slower. A GPU does pay for batches.
 */

/** Models up to this many bytes run in several copies. */
const smallModel = 2 ** 28;
/** Bytes that all copies together may take. */
const copiesBudget = 2 ** 31;
/** Bytes that a copy takes beside its weights: the engine, its buffers and a context of a few thousand tokens. */
const besideWeights = 2 ** 27;

export interface Placement {
	/** Engines side by side, with a copy of the model each. */
	readonly workers: number;
	/** Of each engine. */
	readonly threads: number;
}

/**
 * @param bytes of the model's files
 * @param cores e.g. `navigator.hardwareConcurrency`
 * @param crossOriginIsolated of the page; without it there is one thread only
 */
export function placement({
	bytes,
	cores,
	crossOriginIsolated
}: {
	readonly bytes: number;
	readonly cores: number;
	readonly crossOriginIsolated: boolean;
}): Placement {
	const free = Math.max(1, cores - 1);
	if (bytes > smallModel) return { workers: 1, threads: crossOriginIsolated ? free : 1 };
	const fitting = Math.floor(copiesBudget / (bytes + besideWeights));
	return { workers: Math.max(1, Math.min(free, fitting)), threads: 1 };
}

/** As many as a search step of the default beam asks for; more were not tried. */
const mostSlots = 8;

/**
 * How many requests an engine on a GPU can answer at once: as many as have room for a context each, beside the weights.
 *
 * @param bytes of the model's files
 * @param cacheBytesPerToken keys and values of one token as they are held: `KeptModel.cacheBytesPerToken`
 * @param contextTokens of each slot
 * @param budget bytes that the engine may take altogether; 4 GiB by default
 */
export function slotsFor({
	bytes,
	cacheBytesPerToken,
	contextTokens,
	budget = 2 ** 32
}: {
	readonly bytes: number;
	readonly cacheBytesPerToken: number;
	readonly contextTokens: number;
	readonly budget?: number;
}): number {
	const fitting = Math.floor((budget - bytes) / (cacheBytesPerToken * contextTokens));
	return Math.max(1, Math.min(mostSlots, fitting));
}
