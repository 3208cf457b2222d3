import { parseJson } from '../../base/json-read.ts';
import type { JsonObject } from '../../base/json.ts';
import { ColumnTyping } from './column-typing.ts';

/** Whether `datasets` types the columns of a file as all its rows ask for. Plain JSON. */
export interface PrefixReport {
	/** The file whose beginning decides. */
	readonly path: string;
	/**
	 * The dataset card says what the columns are (`DatasetFormat.features`). Then `json`, `late` and `times` happen only to those who load
	 * the file alone, without the card.
	 */
	readonly isDeclared: boolean;
	/** Paths whose values are kept as JSON, because their keys differ from row to row: nothing is filled up with null there. */
	readonly json: readonly string[];
	/** What the beginning takes for something else than all rows do. Should be empty: such rows fail to load, or change. */
	readonly late: readonly string[];
	/** Strings that all look like a date or a time, so that Arrow makes them one. */
	readonly times: readonly string[];
	/** What comes back as another value whatever the types, in words with its path. Should be empty. */
	readonly changes: readonly string[];
}

/** `chunksize` of `datasets`' JSON reader, in bytes; a row that begins within it or right behind it still counts. */
const prefixBytes = 10 * 2 ** 20;

const encoder = new TextEncoder();

/** Looks at every row that is written, whatever else is checked. */
export class ColumnCheck {
	readonly #together = new Map<string, PrefixCheck>();

	/**
	 * Rows of a file in their order, and the file to learn from before the one held back.
	 * @param line JSON, its LF included
	 * @param isDeclared whether the card says what the file's columns are
	 */
	row(path: string, line: string, isDeclared = false): void {
		const together = path.replace(/\/(train|test)-/, '/').replace('.test.jsonl', '.jsonl');
		let check = this.#together.get(together);
		if (!check) this.#together.set(together, (check = new PrefixCheck(isDeclared)));
		check.add(path, line);
	}

	/** One for each set of files that is loaded together. */
	report(): PrefixReport[] {
		return [...this.#together.values()].flatMap((check) => check.report() ?? []);
	}
}

/**
 * Hugging Face `datasets` (4.7 to 5.2) finds the types of columns in the first 10 MB of the first file of the first split and holds
 * everything else to them, the test split too. This compares them with the types of all rows. One for each set of files that
 * is loaded together.
 */
export class PrefixCheck {
	readonly #typing = new ColumnTyping();
	readonly #isDeclared: boolean;
	#first: string | undefined;
	#bytes = 0;
	#ofPrefix: ReturnType<ColumnTyping['types']> | undefined;

	constructor(isDeclared = false) {
		this.#isDeclared = isDeclared;
	}

	/**
	 * Rows of a file in their order; the first file's first.
	 * @param line JSON, its LF included
	 */
	add(path: string, line: string): void {
		this.#first ??= path;
		if (!this.#ofPrefix && (path !== this.#first || this.#bytes > prefixBytes))
			this.#ofPrefix = this.#typing.types();
		if (!this.#ofPrefix) this.#bytes += encoder.encode(line).length;
		this.#typing.add(parseJson(line) as JsonObject);
	}

	/** `undefined` if there was no row. */
	report(): PrefixReport | undefined {
		if (this.#first === undefined) return undefined;
		const whole = this.#typing.types();
		const prefix = this.#ofPrefix ?? whole;
		const of = (type: string) => [...whole].filter((entry) => entry[1] === type).map(([path]) => path);
		const late = [...whole].filter(([path, type]) => prefix.get(path) !== type);
		return {
			path: this.#first,
			isDeclared: this.#isDeclared,
			json: of('json').sort(),
			late: late
				.map(
					([path, type]) => `${path} is ${type}, but ${prefix.get(path) ?? 'something else'} at the beginning`
				)
				.sort(),
			times: of('time').sort(),
			changes: this.#typing.changes(this.#isDeclared ? 'declared' : whole)
		};
	}
}
