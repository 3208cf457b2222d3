import { NumberColumn } from '../../base/column.ts';
import { splits } from '../format.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import type { ExampleNote, NoteList } from './curation.ts';
import { signatureLength } from './minhash.ts';

const kinds: readonly TrainingExample['kind'][] = ['sft', 'kto', 'dpo'];

/** Signatures that lie in one piece of memory. */
const chunk = 1024;

/**
 * Notes of examples in columns: some 80 bytes each, which the garbage collector need not look through. As objects they took ten times as
 * much, since it lets the heap grow by what is alive.
 */
export class Notes implements NoteList {
	readonly #kind = new NumberColumn();
	readonly #split = new NumberColumn();
	readonly #key = new NumberColumn();
	/** NaN where there is none, as in `#bad`. */
	readonly #good = new NumberColumn();
	readonly #bad = new NumberColumn();
	readonly #characters = new NumberColumn();
	readonly #scenario = new NumberColumn();
	readonly #turn = new NumberColumn();
	readonly #path = new NumberColumn();
	readonly #message = new NumberColumn();
	readonly #signatures: Uint16Array[] = [];
	/** Scenarios and paths; there are few that differ. */
	readonly #texts: string[] = [];
	readonly #numbers = new Map<string, number>();

	get length(): number {
		return this.#kind.length;
	}

	/** Of one list, either all have a signature or none has. */
	add({ kind, split, key, good, bad, characters, origin, signature }: ExampleNote): void {
		if (signature) this.#addSignature(signature);
		this.#kind.push(kinds.indexOf(kind));
		this.#split.push(splits.indexOf(split));
		this.#key.push(key);
		this.#good.push(good ?? Number.NaN);
		this.#bad.push(bad ?? Number.NaN);
		this.#characters.push(characters);
		this.#scenario.push(this.#numberOf(origin.scenario));
		this.#turn.push(origin.turn);
		this.#path.push(this.#numberOf(origin.path));
		this.#message.push(origin.message);
	}

	at(index: number): ExampleNote | undefined {
		if (index < 0 || index >= this.length) return undefined;
		const good = this.#good.at(index);
		const bad = this.#bad.at(index);
		const start = (index % chunk) * signatureLength;
		const signature = this.#signatures[Math.floor(index / chunk)]?.subarray(start, start + signatureLength);
		return {
			kind: kinds[this.#kind.at(index)]!,
			split: splits[this.#split.at(index)]!,
			key: this.#key.at(index),
			...(!Number.isNaN(good) && { good }),
			...(!Number.isNaN(bad) && { bad }),
			characters: this.#characters.at(index),
			origin: {
				scenario: this.#texts[this.#scenario.at(index)]!,
				turn: this.#turn.at(index),
				path: this.#texts[this.#path.at(index)]!,
				message: this.#message.at(index)
			},
			...(signature && { signature })
		};
	}

	#addSignature(signature: Uint16Array): void {
		const place = this.length % chunk;
		if (place === 0) this.#signatures.push(new Uint16Array(chunk * signatureLength));
		this.#signatures.at(-1)!.set(signature, place * signatureLength);
	}

	#numberOf(text: string): number {
		let number = this.#numbers.get(text);
		if (number === undefined) {
			number = this.#texts.push(text) - 1;
			this.#numbers.set(text, number);
		}
		return number;
	}
}
