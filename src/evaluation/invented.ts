import type { Environment, Scenario } from '../environment/environment.ts';
import type { Conversation } from '../simulation/conversation.ts';

/** Finds what a user simulator made up. Built once for an environment. */
export class InventionFinder {
	/** Words that stand for values: those of all text columns but the tables' names. */
	readonly #values: ReadonlySet<string>;

	constructor(environment: Pick<Environment, 'initial' | 'scenarios'>) {
		const values = new Set<string>();
		const [any] = environment.scenarios;
		const tables = any ? Object.values(environment.initial(any)) : [];
		for (const value of tables.flat().flatMap((row) => Object.values(row))) {
			if (typeof value === 'string' && /^[a-z]+$/.test(value)) values.add(value);
		}
		this.#values = values;
	}

	/**
	 * Words of the user that stand for a value and are not in its goals: numbers, times, values of the tables, and names. A name may
	 * also come from what the agent said.
	 */
	find(scenario: Pick<Scenario, 'userGoals'>, transcript: Conversation['transcript']): string[] {
		const goals = new Set(wordsOf(scenario.userGoals.join(' ')).map((word) => word.toLowerCase()));
		const heard = new Set<string>();
		const invented: string[] = [];
		for (const { role, content, seenBy } of transcript) {
			if (seenBy === 'agent') continue;
			if (role !== 'user') {
				for (const word of wordsOf(content)) heard.add(word.toLowerCase());
				continue;
			}
			for (const sentence of content.split(/[.!?]\s*/)) {
				wordsOf(sentence).forEach((word, position) => {
					const lower = word.toLowerCase();
					if (goals.has(lower)) return;
					const isName = position > 0 && /^[A-Z][a-z0-9]/.test(word);
					if (isName ? !heard.has(lower) : /^\d/.test(word) || this.#values.has(lower)) invented.push(word);
				});
			}
		}
		return invented;
	}
}

function wordsOf(text: string): string[] {
	return text.match(/[A-Za-z0-9]+(?::[0-9]+)?/g) ?? [];
}
