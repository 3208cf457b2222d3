import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import type { ExecutedCall, Goal, Scenario } from '../../src/environment/environment.ts';
import { comparisonTable, faultsOf } from '../../src/cli/evaluate/evaluation-table.ts';
import { causeOfFailure } from '../../src/evaluation/cause.ts';
import { InventionFinder } from '../../src/evaluation/invented.ts';
import { compareReports, report } from '../../src/evaluation/report.ts';
import { trialRow, type TrialRow } from '../../src/evaluation/trial.ts';
import type { Conversation } from '../../src/evaluation/conversation.ts';

const goal: Goal = {
	id: 'book_hotel',
	name: 'book_hotel',
	arguments: { name: 'Amber Inn', people: 3, day: 'monday' },
	match: 'subset'
};
const scenario: Scenario = {
	id: 's1',
	split: 'test',
	domains: ['hotel'],
	userGoals: ['You want a cheap hotel in the north.', 'Book it for 3 people on monday.'],
	goals: [goal]
};
const user = (content: string): StoredMessage => ({ role: 'user', content, seenBy: 'both' });
const agent = (content: string): StoredMessage => ({ role: 'assistant', content, seenBy: 'both' });
const tool: StoredMessage = {
	role: 'tool',
	content: '[{"name": "Amber Inn"}]',
	tool_call_id: 'call_0',
	name: 'search_hotel',
	seenBy: 'agent'
};
const thought: StoredMessage = { role: 'assistant', content: '', reasoning: 'Hm.', seenBy: 'agent' };
const broken: StoredMessage = { role: 'assistant', content: '<tool_call>{', seenBy: 'agent' };
const call = (ok: boolean, people = 3): ExecutedCall => ({
	name: 'book_hotel',
	arguments: { name: 'Amber Inn', people, day: 'monday' },
	result: {},
	ok
});
const conversation = (change: Partial<Conversation> = {}): Conversation => ({
	transcript: [user('I need a hotel for 3 people on monday.'), tool, agent('Amber Inn fits.')],
	calls: [],
	agentTurns: 1,
	end: { reason: 'user' },
	reward: 0,
	failed: [{ id: goal.id, label: 'book', call: { name: goal.name, arguments: goal.arguments } }],
	tokens: { prompt: 100, completion: 10 },
	...change
});

describe('cause of failure', () => {
	it.each<[string, Partial<Conversation>]>([
		['no call', {}],
		['user gave up', { transcript: [user('I need a hotel on monday.'), tool] }],
		['limit', { end: { reason: 'turns' } }],
		['rejected call', { calls: [call(false)] }],
		['wrong arguments', { calls: [call(false), call(true, 5)] }],
		[
			'malformed call',
			{ transcript: [user('Hi'), broken], end: { reason: 'error', by: 'agent', error: 'x' } }
		],
		['error', { end: { reason: 'error', by: 'user', error: 'context' } }],
		[
			'error',
			{ transcript: [user('Hi'), thought], end: { reason: 'error', by: 'agent', error: 'only thought' } }
		]
	])('%s', (cause, change) => {
		expect(causeOfFailure(conversation(change))).toBe(cause);
	});
});

describe('what the user made up', () => {
	const table = [
		{ name: 'Amber Inn', area: 'north', price: 'cheap', stars: 3 },
		{ name: 'Lily Inn', area: 'south', price: 'expensive', stars: 4 }
	];
	const finder = new InventionFinder([scenario], { hotel: table });
	const invented = (...transcript: StoredMessage[]) => finder.find(scenario, transcript);

	it('is values, numbers and names that its goals do not hold', () => {
		expect(invented(user('Hello. A cheap hotel in the north, for 3 people on monday please.'))).toEqual([]);
		expect(invented(user('I need it in the south for 4 people at 18:15.'))).toEqual(['south', '4', '18:15']);
		expect(invented(user('Please book Lily Inn.'))).toEqual(['Lily', 'Inn']);
	});

	it('is not a name that the agent said', () => {
		expect(invented(agent('There is Lily Inn for 4 people.'), user('Please book Lily Inn.'))).toEqual([]);
		expect(invented(agent('There is Lily Inn for 4 people.'), user('Yes, for 4 people.'))).toEqual(['4']);
	});
});

describe('report', () => {
	const row = (scenario: string, trial: number, success: boolean, domains = ['hotel']): TrialRow => ({
		scenario,
		trial,
		domains,
		reward: success ? 1 : 0.5,
		success,
		...(!success && { cause: 'no call' as const }),
		endedByUser: true,
		agentTurns: 4,
		calls: { parsed: 3, malformed: success ? 0 : 1, rejected: 0 },
		inventedByUser: success ? 0 : 2,
		tokens: { prompt: 10, completion: 5 },
		seconds: success ? 0.5 : 1
	});
	const rows = [
		row('a', 0, true),
		row('a', 1, false),
		row('b', 0, true, ['train', 'taxi']),
		row('b', 1, true, ['train', 'taxi'])
	];

	it('has every figure, whatever the order of rows', () => {
		const found = report(rows);
		expect(report([...rows].reverse())).toEqual(found);
		expect(found).toMatchObject({ scenarios: 2, trials: 2, tokens: { prompt: 40, completion: 20 } });
		expect(found.successRate.value).toBe(0.75);
		expect(found.meanReward.value).toBe(0.875);
		expect(found.passK.map(({ value }) => value)).toEqual([0.75, 0.5]);
		expect(found.parsedCalls.value).toBeCloseTo(12 / 13);
		expect(found.faithfulUser.value).toBe(0.75);
		expect(found.causes['no call']).toBe(1);
		expect(found.successByDomain['taxi']!.value).toBe(1);
		expect(found.successByDomains['1']!.value).toBe(0.5);
		expect(found.tokensPerSecond.value).toBe(20 / 2.5);
	});

	it('counts conversations that a fault ended, most first, and no others', () => {
		const ended = (trial: number, error: string, agentTurns = 3): TrialRow => ({
			...row('c', trial, false),
			cause: 'error',
			agentTurns,
			error
		});
		const found = report([
			...rows,
			ended(0, 'model fault: out of memory'),
			ended(1, 'chat template: roles must alternate'),
			ended(2, 'chat template: roles must alternate'),
			ended(3, 'the user said nothing', 0),
			ended(4, 'the user said nothing'),
			ended(5, 'context overflow: 9 of 8 tokens')
		]);
		expect(faultsOf(found)).toEqual([
			'2 of 10 conversations ended by a fault: chat template: roles must alternate',
			'1 of 10 conversations ended by a fault: model fault: out of memory',
			'1 of 10 conversations ended by a fault: the user said nothing'
		]);
		expect(report(rows).faults).toEqual([]);
	});

	it('says why a conversation could not go on', () => {
		const end = { reason: 'error', by: 'agent', error: 'model fault: x' } as const;
		const measured = { goals: 1, invented: 0, seconds: 1 };
		expect(trialRow(scenario, 0, conversation({ end }), measured).error).toBe('model fault: x');
		expect(trialRow(scenario, 0, conversation(), measured)).not.toHaveProperty('error');
	});

	it('has one row for each scenario, with its trials', () => {
		expect(report(rows).rows).toEqual([
			{ scenario: 'a', domains: ['hotel'], successes: 1, meanReward: 0.75, trials: rows.slice(0, 2) },
			{ scenario: 'b', domains: ['train', 'taxi'], successes: 2, meanReward: 1, trials: rows.slice(2) }
		]);
	});

	it('compares in pairs', () => {
		const better = rows.map((one) => ({ ...one, success: true, reward: 1 }));
		const { pairs, success, relativeGain } = compareReports(rows, better.slice(0, 3));
		expect(pairs).toBe(3);
		expect(success.value).toBeCloseTo(1 / 3);
		expect(relativeGain.value).toBeCloseTo(0.5);
		expect(relativeGain.low).toBeCloseTo(0);
		expect(compareReports(rows, rows).success).toEqual({ value: 0, low: 0, high: 0 });
	});

	it('has no gain over a base that never succeeded, and says so', () => {
		const none = rows.map((one) => ({ ...one, success: false, reward: 0 }));
		const { relativeGain, success } = compareReports(none, rows);
		expect(relativeGain).toEqual({ value: null, low: null, high: null, reason: 'the base never succeeded' });
		expect(success.value).toBe(0.75);
		expect(comparisonTable(compareReports(none, rows))).toContain('– (the base never succeeded)');
		expect(compareReports(rows, []).success.value).toBeNull();
	});

	it('leaves scenarios without goals out of success and reward, and of comparisons', () => {
		const goalless: TrialRow = { ...row('c', 0, false, ['chat']), reward: null, cause: 'no goals' };
		const found = report([...rows, goalless]);
		expect(found).toMatchObject({ scenarios: 3, withoutGoals: 1, causes: { 'no call': 1 } });
		expect(found.successRate).toEqual(report(rows).successRate);
		expect(found.passK).toEqual(report(rows).passK);
		expect(found.rows[2]).toMatchObject({ scenario: 'c', successes: 0, meanReward: null });
		expect(found.successByDomain['chat']!.value).toBeNull();
		expect(compareReports([...rows, goalless], [...rows, goalless]).pairs).toBe(4);
		expect(JSON.stringify(report([goalless]))).not.toContain('NaN');
		expect(report([]).successRate).toMatchObject({ value: null, reason: 'no conversations' });
	});

	it('is made of conversations', () => {
		const made = trialRow(scenario, 1, conversation({ transcript: [user('Hi'), broken] }), {
			goals: 1,
			invented: 2,
			seconds: 0.25
		});
		expect(made).toMatchObject({
			scenario: 's1',
			trial: 1,
			success: false,
			endedByUser: true,
			inventedByUser: 2,
			seconds: 0.25
		});
		expect(made.calls).toEqual({ parsed: 0, malformed: 1, rejected: 0 });
		const won = conversation({ reward: 1, failed: [] });
		expect(trialRow(scenario, 0, won, { goals: 1, invented: 0, seconds: 1 })).not.toHaveProperty('cause');
	});
});
