import { parseJson } from '../../../src/base/json-read.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { StoredMessage } from '../../../src/dialogue/message.ts';
import type { Scenario } from '../../../src/environment/environment.ts';
import { InventionFinder } from '../../../src/evaluation/invented.ts';
import type { FaultDriver } from '../fault-case.ts';

interface Told {
	readonly rows: readonly JsonObject[];
	readonly goals: readonly string[];
	/** What user and agent said, the user first. */
	readonly said: readonly string[];
}

/** What the user invented in each of `conversations.json`. */
const invented: FaultDriver = ({ text }) =>
	(parseJson(text('conversations.json')) as unknown as Told[]).map(({ rows, goals, said }) => {
		const scenario: Scenario = {
			id: 's',
			split: 'test',
			domains: [],
			userGoals: goals,
			goals: []
		};
		const transcript = said.map((content, index): StoredMessage =>
			index % 2 === 0
				? { role: 'user', content, seenBy: 'both' }
				: { role: 'assistant', content, seenBy: 'both' }
		);
		return new InventionFinder([scenario], { rows }).find(scenario, transcript);
	});

export default invented;
