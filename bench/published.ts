/**
 * Leaf-turns a second of the published JOSH implementation (arXiv 2409.04617) with a model that answers at once: by beam, 15
 * steps, a state of 1.3 MB as in a retail environment, on a loaded machine with four cores. The figures are those of this
 * project's requirements, which give no more about how they were taken; the benchmark does not run that implementation.
 */
export const publishedTurnsPerSecond = {
	'no goal': { 8: 91, 16: 77 },
	'a goal every fourth step': { 8: 16, 16: 9.9 }
} as const;

/** How many times as fast this project's search has to be. */
export const requiredSpeedup = 100;
