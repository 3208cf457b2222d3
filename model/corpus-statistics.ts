import type { Scenario } from '../src/environment/environment.ts';
import type { ScriptedDialogue } from '../src/talk/scripted/dialogue.ts';
import type { View } from './corpus.ts';

/** Dialogues or tasks of one group, how many had all their goals, and the sum of their rewards. */
interface Group {
	count: number;
	full: number;
	reward: number;
}

/** What a corpus is like, gathered while it is written. */
export class CorpusStatistics {
	readonly #groups = new Map<string, Group>();
	readonly #lengths = new Map<string, number[]>();
	#endedByUser = 0;
	#agentTurns = 0;

	addDialogue({ goals, domains }: Scenario, { earned, endedByUser, agentTurns }: ScriptedDialogue): void {
		this.#add('all', goals.length, earned.length);
		this.#add(`${domains.length} domain(s)`, goals.length, earned.length);
		for (const domain of domains) {
			const ofDomain = goals.filter(({ name }) => name.endsWith(`_${domain}`));
			this.#add(domain, ofDomain.length, ofDomain.filter(({ id }) => earned.includes(id)).length);
		}
		if (endedByUser) this.#endedByUser++;
		this.#agentTurns += agentTurns;
	}

	addView({ role, kind, text }: View): void {
		const name = `${kind} ${role}`;
		const lengths = this.#lengths.get(name) ?? [];
		lengths.push(text.length);
		this.#lengths.set(name, lengths);
	}

	report(): string {
		const total = this.#groups.get('all')?.count ?? 0;
		const groups = [...this.#groups]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, { count, full, reward }]) => {
				return `${name.padEnd(14)} ${count} full ${(full / count).toFixed(3)} mean reward ${(reward / count).toFixed(3)}`;
			});
		const lengths = [...this.#lengths].map(([name, list]) => {
			list.sort((a, b) => a - b);
			const mean = list.reduce((sum, length) => sum + length, 0) / list.length;
			return `${name.padEnd(14)} ${list.length} characters: mean ${mean.toFixed(0)}, p95 ${list[Math.floor(list.length * 0.95)]}, max ${list.at(-1)}`;
		});
		const share = (this.#endedByUser / total).toFixed(4);
		const turns = (this.#agentTurns / total).toFixed(2);
		return [...groups, ...lengths, `ended by the user ${share}, agent turns ${turns}`].join('\n');
	}

	#add(name: string, goals: number, earned: number): void {
		const group = this.#groups.get(name) ?? { count: 0, full: 0, reward: 0 };
		this.#groups.set(name, group);
		group.count++;
		if (earned === goals) group.full++;
		group.reward += earned / goals;
	}
}
