import { mix32 } from '../../../base/hash.ts';

/** The traces' source of decisions: an unsigned 32-bit number for each place. */
export function draw(seed: number, stream: number, index: number, slot: number): number {
	const start = mix32((seed + 0x9e3779b9) | 0);
	return [stream, index, slot].reduce((x, part) => mix32((x + part) | 0), start);
}
