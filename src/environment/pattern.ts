/** A regular expression that cannot be used; `message` says why. */
export class PatternError extends Error {
	override readonly name = 'PatternError';
}

/**
 * One step of matching. A state with `test` takes a character, one with `holds` only looks at where it stands; both go on to every
 * state of `next`. `accept` has neither.
 */
interface State {
	readonly test?: (character: string) => boolean;
	readonly holds?: (text: Text, at: number) => boolean;
	readonly next: State[];
}

const accept: State = { next: [] };

/** States of one expression, repetitions written out. */
const maxStates = 5_000;
/** UTF-16 units of a text that is tested: together with `maxStates` this bounds the time. */
const maxTestedCharacters = 5_000;

/**
 * Does the regular expression `source` match anywhere in a text? The meaning is that of `new RegExp(source, 'u')`, but all ways to
 * match are followed side by side (Thompson 1968), so that no text takes exponential time: a pack is foreign, and so is what a model
 * writes. Only what is regular can be matched like this, which leaves out back references and lookbehind.
 * @throws {PatternError} and so does the function, of a text that is too long
 */
export function compilePattern(source: string): (text: string) => boolean {
	try {
		new RegExp(source, 'u');
	} catch (error) {
		throw new PatternError((error as Error).message);
	}
	const start = new Compiler(source).compile();
	return (text) => {
		if (text.length > maxTestedCharacters)
			throw new PatternError(
				`a text of ${text.length} characters is too long to be tested against ${source}`
			);
		return new Text(text).matches(start, 0, false);
	};
}

/** Reads an expression from left to right and builds its states from the end: each part is given the state that follows it. */
class Compiler {
	readonly #source: string;
	#at = 0;
	#states = 0;

	constructor(source: string) {
		this.#source = source;
	}

	compile(): State {
		return this.#choice()(accept);
	}

	#state(state: State): State {
		if (++this.#states > maxStates) throw new PatternError('it repeats too much; use smaller counts');
		return state;
	}

	#choice(): Part {
		const ways = [this.#sequence()];
		while (this.#take(/\|/y)) ways.push(this.#sequence());
		if (ways.length === 1) return ways[0]!;
		return (next) => this.#state({ next: ways.map((way) => way(next)) });
	}

	#sequence(): Part {
		const parts: Part[] = [];
		while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at]!))
			parts.push(this.#repetition(this.#single()));
		return (next) => parts.reduceRight((following, part) => part(following), next);
	}

	#repetition(part: Part): Part {
		const found = this.#take(/(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y);
		if (!found) return part;
		const [, sign, low, comma, high] = found;
		const least = sign ? Number(sign === '+') : Number(low);
		const most = sign ? (sign === '?' ? 1 : Infinity) : Number(high || (comma ? Infinity : low));
		return (next) => {
			let state = next;
			if (most === Infinity) {
				state = this.#state({ next: [] });
				state.next.push(part(state), next);
			} else {
				for (let times = least; times < most; times++) state = this.#state({ next: [part(state), next] });
			}
			for (let times = 0; times < least; times++) state = this.#state({ next: [part(state)] });
			return state;
		};
	}

	#single(): Part {
		if (this.#take(/\(\?[=!]/y)) return this.#lookahead(this.#source[this.#at - 1] === '!');
		if (this.#take(/\((?:\?:|\?<[^=!][^>]*>|(?!\?))/y)) return this.#close(this.#choice());
		if (this.#take(/\(/y)) throw new PatternError('lookbehind and modifiers cannot be used; leave them out');
		if (this.#take(/\^/y)) return this.#place((_, at) => at === 0);
		if (this.#take(/\$/y)) return this.#place((text, at) => at === text.length);
		if (this.#take(/\\b/y)) return this.#place((text, at) => text.isBoundary(at));
		if (this.#take(/\\B/y)) return this.#place((text, at) => !text.isBoundary(at));
		if (this.#take(/\\[1-9k]/y)) throw new PatternError('back references cannot be used; leave them out');
		return this.#character();
	}

	/** A class, an escape, a dot or a character stands for itself: what it takes is left to the engine. */
	#character(): Part {
		const [written] = this.#take(
			/\[(?:\\.|[^\]\\])*\]|\\u\{[^}]*\}|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\x..|\\c.|\\[pP]\{[^}]*\}|\\.|./suy
		)!;
		const one = new RegExp(`^${written}$`, 'u');
		return (next) => this.#state({ test: (character) => one.test(character), next: [next] });
	}

	#lookahead(isNegative: boolean): Part {
		const start = this.#close(this.#choice())(accept);
		return this.#place((text, at) => text.looksAhead(start, at) !== isNegative);
	}

	#close(part: Part): Part {
		this.#take(/\)/y);
		return part;
	}

	#place(holds: NonNullable<State['holds']>): Part {
		return (next) => this.#state({ holds, next: [next] });
	}

	#take(what: RegExp): RegExpExecArray | null {
		what.lastIndex = this.#at;
		const found = what.exec(this.#source);
		if (found) this.#at = what.lastIndex;
		return found;
	}
}

type Part = (next: State) => State;

/** A text that is being tested. */
class Text {
	readonly #characters: readonly string[];
	readonly #seen = new Map<State, Map<number, boolean>>();

	constructor(text: string) {
		this.#characters = Array.from(text);
	}

	get length(): number {
		return this.#characters.length;
	}

	/** @param isHere whether the match must begin at `from`; else it may begin later */
	matches(start: State, from: number, isHere: boolean): boolean {
		let open: ReadonlySet<State> = new Set();
		for (let at = from; ; at++) {
			const reached = new Set<State>();
			for (const state of open) this.#reach(state, at, reached);
			if (at === from || !isHere) this.#reach(start, at, reached);
			if (reached.has(accept)) return true;
			const character = this.#characters[at];
			if (character === undefined || (isHere && reached.size === 0)) return false;
			const taken = new Set<State>();
			for (const { test, next } of reached) if (test?.(character)) taken.add(next[0]!);
			open = taken;
		}
	}

	/** Does a match begin here? Asked once for each place. */
	looksAhead(start: State, at: number): boolean {
		let places = this.#seen.get(start);
		if (!places) this.#seen.set(start, (places = new Map()));
		let found = places.get(at);
		if (found === undefined) places.set(at, (found = this.matches(start, at, true)));
		return found;
	}

	isBoundary(at: number): boolean {
		const isWord = (character: string | undefined) => character !== undefined && /^\w$/.test(character);
		return isWord(this.#characters[at - 1]) !== isWord(this.#characters[at]);
	}

	/** Adds all states that can be reached without taking a character. */
	#reach(from: State, at: number, reached: Set<State>): void {
		const open = [from];
		for (let state = open.pop(); state; state = open.pop()) {
			if (reached.has(state)) continue;
			reached.add(state);
			if (state.test || (state.holds && !state.holds(this, at))) continue;
			open.push(...state.next);
		}
	}
}
