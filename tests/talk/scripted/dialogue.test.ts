import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { StoredMessage } from '../../../src/dialogue/message.ts';
import { createEnvironment } from '../../../src/environment/pack-environment.ts';
import { generateTravel } from '../../../src/environment/travel/travel.ts';
import { scriptedDialogue, type ScriptedDialogue } from '../../../src/talk/scripted/dialogue.ts';
import { agentView, userView } from '../../../src/talk/views.ts';
import { usualNoise, type Noise } from '../../../src/talk/scripted/noise.ts';

const { pack, tasks } = generateTravel(3, { train: 400, val: 0, test: 0 });
const environment = createEnvironment(pack, '');
const noNoise: Noise = {
	searchAtOnce: 0.7,
	dropSlot: 0,
	wrongValue: 0,
	claimNone: 0,
	guess: 0,
	callTooEarly: 0,
	claimBooked: 0,
	misname: 0,
	askAgain: 0,
	overlook: 0
};

function talk(seed: number, noise?: Noise): ScriptedDialogue[] {
	return pack.scenarios.map((scenario) =>
		scriptedDialogue(new Random(seed, scenario.id), pack, scenario, tasks.get(scenario.id)!, noise)
	);
}

const usual = talk(1);
const flawless = talk(1, noNoise);
const words = ({ messages }: ScriptedDialogue, role: StoredMessage['role']): string[] =>
	messages.filter((message) => message.role === role).map(({ content }) => content);

/** The share of dialogues with all goals earned, among those whose scenario passes. */
function success(
	dialogues: readonly ScriptedDialogue[],
	of: (domains: readonly string[]) => boolean
): number {
	const chosen = pack.scenarios
		.map((scenario, i) => ({ scenario, dialogue: dialogues[i]! }))
		.filter(({ scenario }) => of(scenario.domains));
	return (
		chosen.filter(({ scenario, dialogue }) => dialogue.earned.length === scenario.goals.length).length /
		chosen.length
	);
}

test('the same seed gives the same words, another gives others', () => {
	expect(talk(1).slice(0, 50)).toEqual(usual.slice(0, 50));
	expect(talk(2).slice(0, 50)).not.toEqual(usual.slice(0, 50));
});

describe('the agent', () => {
	test('without noise it earns every goal', () => {
		expect(success(flawless, () => true)).toBe(1);
	});
	test('with the usual noise it earns all in 60 to 75 of 100 scenarios, in no domain far fewer', () => {
		expect(success(usual, () => true)).toBeGreaterThan(0.6);
		expect(success(usual, () => true)).toBeLessThan(0.75);
		for (const domain of ['hotel', 'restaurant', 'attraction', 'train', 'taxi']) {
			expect(success(usual, (domains) => domains.includes(domain))).toBeGreaterThan(0.5);
		}
		for (const count of [1, 2, 3])
			expect(success(usual, (domains) => domains.length === count)).toBeGreaterThan(0.45);
	});
	test('makes one call a message, none with words beside it, and at most two in a turn', () => {
		for (const { messages } of usual) {
			let calls = 0;
			for (const message of messages) {
				if (message.role === 'assistant' && message.tool_calls) {
					expect(message).toMatchObject({ content: '', seenBy: 'agent' });
					expect(message.tool_calls).toHaveLength(1);
					expect(++calls).toBeLessThanOrEqual(2);
				} else if (message.role === 'assistant') calls = 0;
			}
		}
	});
	test('every kind of mistake happens', () => {
		const without = (mistake: keyof Noise): ScriptedDialogue[] => talk(1, { ...usualNoise, [mistake]: 0 });
		for (const mistake of Object.keys(usualNoise) as (keyof Noise)[]) {
			expect(without(mistake), mistake).not.toEqual(usual);
		}
	});
});

describe('the user', () => {
	test('ends every conversation with a short goodbye, and says the stop words only there', () => {
		for (const dialogue of usual) {
			expect(dialogue.endedByUser).toBe(true);
			expect(dialogue.agentTurns).toBeLessThanOrEqual(15);
			const said = words(dialogue, 'user');
			expect(said.findIndex((text) => text.includes(pack.prompts.stop))).toBe(said.length - 1);
			expect(said.at(-1)!.endsWith(pack.prompts.stop)).toBe(true);
		}
	});
	test('states every value of its goals to an agent that makes no mistakes', () => {
		flawless.forEach((dialogue, i) => {
			const said = words(dialogue, 'user').join('\n');
			for (const { wanted, booking } of tasks.get(pack.scenarios[i]!.id)!) {
				for (const value of [...Object.values(wanted), ...Object.values(booking ?? {})]) {
					expect(said).toContain(String(value));
				}
			}
		});
	});
	test('never states a value that its goals do not have', () => {
		const value = /\b(?:north|south|east|west|centre|cheap|moderate|expensive|TR\d+|\d\d:\d\d|\d|\w+day)\b/g;
		const values = (text: string): string[] => text.match(value) ?? [];
		usual.forEach((dialogue, i) => {
			const known = new Set(values(pack.scenarios[i]!.userGoals.join('\n')));
			const said = values(words(dialogue, 'user').join('\n'));
			expect(said.filter((value) => !known.has(value))).toEqual([]);
		});
	});
	test('corrects a booking whose confirmation has a wrong detail', () => {
		const random = new Random(5);
		const index = pack.scenarios.findIndex(({ domains }) => domains.join() === 'taxi');
		const scenario = pack.scenarios[index]!;
		const noise: Noise = { ...noNoise, wrongValue: 1 };
		const corrected = Array.from({ length: 40 }, () =>
			scriptedDialogue(random, pack, scenario, tasks.get(scenario.id)!, noise)
		).filter(({ calls }) => calls.length > 1);
		expect(corrected.length).toBeGreaterThan(0);
		for (const { messages } of corrected) {
			expect(
				messages.some(({ role, content }) => role === 'user' && /No,|wrong|change|should be/.test(content))
			).toBe(true);
		}
	});
});

describe('views', () => {
	test("the user's model sees its own words as the assistant's and no calls", () => {
		const scenario = pack.scenarios[0]!;
		const view = userView(environment, scenario, usual[0]!.messages);
		expect(view[0]).toMatchObject({
			role: 'system',
			content: expect.stringContaining(scenario.userGoals[0]!)
		});
		expect(view.slice(1).map(({ role }) => role)).toEqual(
			view.slice(1).map((_, i) => (i % 2 === 0 ? 'assistant' : 'user'))
		);
		expect(
			view
				.slice(1)
				.filter(({ role }) => role === 'assistant')
				.map(({ content }) => content)
		).toEqual(words(usual[0]!, 'user'));
		expect(view.some((message) => 'tool_calls' in message)).toBe(false);
	});
	test("the agent's model sees all, and not who sees it", () => {
		const view = agentView(environment, usual[0]!.messages);
		expect(view).toHaveLength(usual[0]!.messages.length + 1);
		expect(view.some((message) => 'seenBy' in message)).toBe(false);
	});
});
