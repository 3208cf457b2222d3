/**
 * Leaf-turns a second of the published JOSH implementation (github.com/asappresearch/josh-llm-simulation-training), its own
 * driver around a model that answers at once: 15 steps, a state of 1.3 MB as in the retail environment of tau-bench, on a
 * loaded machine with four cores. Measured once for this project; the benchmark does not run it again.
 */
export const publishedTurnsPerSecond = {
	'no goal': { 8: 91, 16: 77 },
	'a goal every fourth step': { 8: 16, 16: 9.9 }
} as const;

/** How many times as fast this project's search has to be. */
export const requiredSpeedup = 100;
