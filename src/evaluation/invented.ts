import type { Json } from '../base/json.ts';
import type { StoredMessage } from '../dialogue/message.ts';
import type { Environment, Scenario, Tables } from '../environment/environment.ts';
import { folded, numbersIn, plainText, SearchedText, sentencesOf, wordsOf } from '../base/words.ts';

/** Finds what a user simulator made up. Built once for an environment. */
export class InventionFinder {
	/** Values of the tables by their first word, the longest first. */
	readonly #values = new Map<string, TableValue[]>();
	/** Words of the names in the tables. */
	readonly #names = new Set<string>();
	/** Whether a capital inside a sentence marks a name. German, for one, writes every noun with one. */
	readonly #capitalsMarkNames: boolean;

	static async of(environment: Environment): Promise<InventionFinder> {
		const { scenarios, tables } = environment;
		const [any] = scenarios;
		return new InventionFinder(scenarios, any && tables ? await tables(await environment.initial(any)) : {});
	}

	/** @param tables as they are before anything was said */
	constructor(scenarios: readonly Pick<Scenario, 'userGoals'>[], tables: Tables) {
		const counts = new Map<string, number>();
		for (const value of Object.values(tables)
			.flat()
			.flatMap((row): Json[] => Object.values(row)))
			if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
		for (const [value, count] of counts) this.#learn(plainText(value), count);
		for (const known of this.#values.values()) known.sort((a, b) => b.words.length - a.words.length);

		const capitals = scenarios
			.flatMap(({ userGoals }) => userGoals.flatMap(sentencesOf))
			.flatMap((words) => words.slice(1).filter(isCapital));
		const others = capitals.filter((word) => !this.#names.has(folded(word)));
		this.#capitalsMarkNames = 2 * others.length < Math.max(1, capitals.length);
	}

	/**
	 * A text with a capital is a name, and one with digits an id, a number or a time: those show by themselves. Others stand for values,
	 * if they are one word; without capitals and spaces, as in Chinese, they may be longer, and names if there is one of them only.
	 */
	#learn(value: string, count: number): void {
		const words = wordsOf(value).map(folded);
		if (/\p{Lu}/u.test(value)) for (const word of words) this.#names.add(word);
		if (words.length === 0 || /[\p{Lu}\p{N}]/u.test(value)) return;
		const isCaseless = value.toUpperCase() === value;
		if (words.length > 1 && !isCaseless) return;
		const known = this.#values.get(words[0]!);
		const learnt = { words, isName: isCaseless && count === 1 };
		if (known) known.push(learnt);
		else this.#values.set(words[0]!, [learnt]);
	}

	/**
	 * What the user said that stands for a value and is not in its goals: numbers, times, values of the tables, names and ids. Names and
	 * ids may also come from what the agent said.
	 */
	find(scenario: Pick<Scenario, 'userGoals'>, transcript: readonly StoredMessage[]): string[] {
		const goals = new SearchedText(scenario.userGoals);
		const heard: SearchedText[] = [];
		const invented: string[] = [];
		for (const { role, content, seenBy } of transcript) {
			if (seenBy === 'agent') continue;
			if (role !== 'user') {
				heard.push(new SearchedText([content]));
				continue;
			}
			for (const sentence of sentencesOf(content)) {
				for (const { text, isName } of this.#valuesIn(sentence)) {
					if (isIn(goals, text) || (isName && heard.some((one) => isIn(one, text)))) continue;
					invented.push(text);
				}
			}
		}
		return invented;
	}

	/** What stands for a value in a sentence. */
	*#valuesIn(sentence: readonly string[]): Generator<{ readonly text: string; readonly isName: boolean }> {
		const lower = sentence.map(folded);
		for (let at = 0; at < sentence.length; at++) {
			const text = sentence[at]!;
			const value = this.#values
				.get(lower[at]!)
				?.find(({ words }) => words.every((word, index) => word === lower[at + index]));
			if (/^-?\p{N}/u.test(text)) yield { text, isName: false };
			else if (/\p{N}/u.test(text) || (at > 0 && this.#isName(text))) yield { text, isName: true };
			else if (value) {
				yield { text: sentence.slice(at, at + value.words.length).join(' '), isName: value.isName };
				at += value.words.length - 1;
			}
		}
	}

	#isName(word: string): boolean {
		return isCapital(word) && (this.#capitalsMarkNames || this.#names.has(folded(word)));
	}
}

interface TableValue {
	readonly words: readonly string[];
	readonly isName: boolean;
}

/** A capital and more: not I, and not what is written in capitals only. */
function isCapital(word: string): boolean {
	return /^\p{Lu}\p{M}*[\p{Ll}\p{N}]/u.test(word);
}

/** 12.50 is there where 12.5 is. */
function isIn(text: SearchedText, word: string): boolean {
	return text.has(word) || numbersIn(word).some((number) => text.has(number));
}
