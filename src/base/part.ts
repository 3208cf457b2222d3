import type * as v from 'valibot';
import type { JsonObject } from './json.ts';

/** Options of a part: a flat or nested object whose members all have defaults (`options.ts` has the kinds of members). */
export type OptionsSchema = v.GenericSchema<unknown, JsonObject>;

/** A named piece that a run is made of: an agent, a user simulator, a reward or a strategy. Each kind adds how one is made. */
export interface Part {
	/** Its name in configurations and flags; never given to another part. */
	readonly kind: string;
	/** Raised when the same options would make another run: what was stored before is then read, not continued. */
	readonly version: number;
	/** For forms and usage texts. */
	readonly label: string;
	readonly options: OptionsSchema;
}

/** Which part, and its options beside `kind`. Plain JSON; as stored. */
export interface ChosenPart {
	readonly kind: string;
	readonly [option: string]: JsonObject[string];
}

/** The parts of one kind, by name and in the order of the list. */
export class PartList<P extends Part> implements Iterable<P> {
	/** What they are, for messages: `agent`. */
	readonly role: string;
	readonly #parts = new Map<string, P>();

	constructor(role: string, parts: readonly P[]) {
		this.role = role;
		for (const part of parts) this.add(part);
	}

	/** @throws {RangeError} if the name is taken */
	add(part: P): void {
		if (this.#parts.has(part.kind)) throw new RangeError(`the ${this.role} "${part.kind}" is there already`);
		this.#parts.set(part.kind, part);
	}

	/** Nothing happens if there is no such part. */
	remove(kind: string): void {
		this.#parts.delete(kind);
	}

	/** @throws {RangeError} that names the parts there are */
	get(kind: string): P {
		const part = this.#parts.get(kind);
		if (part) return part;
		throw new RangeError(`there is no ${this.role} "${kind}"; there are ${this.kinds.join(', ')}`);
	}

	has(kind: string): boolean {
		return this.#parts.has(kind);
	}

	get kinds(): string[] {
		return [...this.#parts.keys()];
	}

	[Symbol.iterator](): Iterator<P> {
		return this.#parts.values();
	}
}

/** The options of a chosen part, without its name. */
export function optionsOf({ kind: _, ...options }: ChosenPart): JsonObject {
	return options;
}
