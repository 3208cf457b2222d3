import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Message } from '../../src/dialogue/message.ts';
import { examplesOf, type ScenarioTree } from '../../src/harvest/examples.ts';
import { conversationKey, messageKey } from '../../src/harvest/message-key.ts';
import { grow as fold } from '../../src/search/fold.ts';
import type { SearchEvent } from '../../src/search/events.ts';
import { defaultSearchOptions } from '../../src/search/josh/options.ts';
import { agentView } from '../../src/talk/views.ts';
import { desk, deskAgent, grow, randomScript } from '../harvest/desk.ts';
import { harvestFiles } from './harvest-files.ts';

// Properties take long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const beams = fc.constantFrom(1, 2, 3, 4, 8);

describe('any tree', () => {
	it('gives the examples that section 8 describes', () => {
		fc.assert(
			fc.property(seeds, beams, (seed, beam) => {
				const search = grow('one', randomScript(seed), { beam, maxSteps: 6 });
				const harvest = examplesOf(search, { minReward: 0.5 });
				if ('none' in harvest) return;
				const { kto, sft, dpo } = harvest.examples;
				const keys = kto.map(({ prompt, completion, label }) => rowKey(prompt, completion, label));
				expect([...keys].sort()).toEqual(asPublished(search).sort());
				expect(sft).toHaveLength(1);
				expect(dpo).toHaveLength(kto.filter(({ label }) => !label).length);
				for (const { chosen, rejected } of dpo) expect(messageKey(chosen)).not.toBe(messageKey(rejected));
			}),
			{ numRuns: 150 }
		);
	});
});

function rowKey(prompt: readonly Message[], completion: Message, label: boolean): string {
	return JSON.stringify([conversationKey(prompt), messageKey(completion), label]);
}

/** Section 8 word for word, from the emitted examples alone, less what both labels would share. */
function asPublished({ tree }: ScenarioTree): string[] {
	const paths = tree.examples.map(({ messages, ...marks }) => ({
		...marks,
		messages: agentView(desk, messages)
	}));
	const good = new Map<string, Set<string>>();
	for (const { messages } of paths.filter(({ golden }) => golden)) {
		messages.forEach((message, index) => {
			if (message.role !== 'assistant') return;
			const prompt = conversationKey(messages.slice(0, index));
			good.set(prompt, (good.get(prompt) ?? new Set()).add(messageKey(message)));
		});
	}
	const rows = new Set<string>();
	for (const [prompt, messages] of good)
		for (const message of messages) rows.add(JSON.stringify([prompt, message, true]));
	for (const { messages } of paths.filter(({ golden, successful }) => !golden && !successful)) {
		for (let index = messages.length - 1; messages[index]!.role !== 'user' && index > 0; index--) {
			const message = messages[index]!;
			const prompt = conversationKey(messages.slice(0, index));
			const golden = good.get(prompt);
			if (message.role === 'tool' || !golden || golden.has(messageKey(message))) continue;
			rows.add(JSON.stringify([prompt, messageKey(message), false]));
		}
	}
	return [...rows];
}

describe('equal events', () => {
	const scenarios = desk.scenarios.map(({ id }) => id);
	const search = { ...defaultSearchOptions, beam: 4, maxSteps: 8 };

	it('give equal files, whatever order the scenarios finished in', async () => {
		await fc.assert(
			fc.asyncProperty(seeds, seeds, async (seed, order) => {
				const grown = scenarios.map((id, index) => grow(id, randomScript(seed + index), search));
				const log = grown.flatMap(({ scenario, events }) =>
					events.map((event) => ({ scenario: scenario.id, event }))
				);
				const straight = await texts(log);
				expect(straight).toEqual(await texts(interleaved(log, new Random(order))));
				const costlier = log.map(({ scenario, event }) => ({
					scenario,
					event: { ...event, tokens: { prompt: order % 1000, completion: 1 } }
				}));
				expect(straight).toEqual(await texts(costlier));
			}),
			{ numRuns: 15 }
		);
	});

	type Log = readonly { readonly scenario: string; readonly event: SearchEvent }[];

	async function texts(log: Log): Promise<string[]> {
		const eventsOf = (id: string) => log.filter(({ scenario }) => scenario === id).map(({ event }) => event);
		const strategy = { kind: 'josh', ...search };
		const searches = scenarios.map((id) => ({
			environment: desk,
			scenario: desk.scenarios.find((one) => one.id === id)!,
			agent: deskAgent,
			tree: fold({ scenario: id, strategy }, eventsOf(id))
		}));
		const { files } = await harvestFiles(searches, { minReward: 0.5 });
		return Promise.all(files.map(async ({ name, content }) => `${name}\n${await content.text()}`));
	}

	/** Each scenario's events stay in order; scenarios take turns at random. */
	function interleaved(log: Log, random: Random): Log {
		const queues = scenarios.map((id) => log.filter(({ scenario }) => scenario === id));
		const mixed: Log[number][] = [];
		while (mixed.length < log.length) {
			const next = random.pick(queues).shift();
			if (next) mixed.push(next);
		}
		return mixed;
	}
});
