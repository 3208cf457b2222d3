import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
	plainCuration,
	type CurationOptions,
	type ExampleNote
} from '../../src/dataset/curation/curation.ts';
import { objectionToRating } from '../../src/dataset/curation/filters.ts';
import { signatureLength, signatureOf } from '../../src/dataset/curation/minhash.ts';
import { curate } from '../../src/dataset/curation/plan.ts';
import { splitOf } from '../../src/dataset/curation/split.ts';
import { spread } from '../../src/dataset/curation/spread.ts';

// Properties take long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const origin = { split: 'train', reward: 1, turn: 0, path: '', nodeTurn: 0, message: 2 } as const;

type Answers = Pick<ExampleNote, 'key' | 'good' | 'bad'>;
const sft = (key: number): Answers => ({ key: 30_000 + key });
const good = (answer: number): Answers => ({ key: answer, good: answer });
const bad = (answer: number): Answers => ({ key: answer, bad: answer });
const pair = (chosen: number, rejected: number): Answers => ({
	key: 20_000 + 100 * chosen + rejected,
	good: 10_000 + chosen,
	bad: 10_000 + rejected
});

function note(scenario: string, answers: Answers, more: Partial<ExampleNote> = {}): ExampleNote {
	const isPair = answers.good !== undefined && answers.bad !== undefined;
	const kind = answers.key >= 30_000 ? 'sft' : isPair ? 'dpo' : 'kto';
	return { kind, origin: { ...origin, scenario }, split: 'train', characters: 100, ...answers, ...more };
}

const plan = (notes: readonly ExampleNote[], options: Partial<CurationOptions> = {}) =>
	curate(notes, { ...plainCuration, ...options });

/** Numbers of what is left out, each with its reason. */
const leftOut = (...args: Parameters<typeof plan>) => Object.fromEntries(plan(...args).leftOut);

const row = (kind: string, scenario: string) =>
	`the ${kind} row of scenario ${scenario}, turn 0, path '', message 2`;

it('a search is judged by what a person said of it', () => {
	const judged = (rating: CurationOptions['rating']) =>
		(['good', 'bad', undefined] as const).map((said) => objectionToRating(said, { rating }));
	expect(judged('any')).toEqual([undefined, undefined, undefined]);
	expect(judged('not bad')).toEqual([undefined, 'rated bad by a person', undefined]);
	const unwanted = 'not rated good by a person';
	expect(judged('good')).toEqual([undefined, unwanted, unwanted]);
});

it('what is too long is left out', () => {
	const notes = [note('a', good(1)), note('a', good(2), { characters: 101 })];
	expect(leftOut(notes, { maxCharacters: 100 })).toEqual({ 1: 'has 101 characters, more than 100' });
});

describe('what is good in one place and bad in another', () => {
	const kto = [
		note('a', good(1)),
		note('b', bad(1)),
		note('c', bad(2)),
		note('d', good(2)),
		note('e', good(3))
	];
	const dpo = [note('a', pair(1, 2)), note('b', pair(3, 1)), note('c', pair(4, 3))];
	const other = (scenario: string) => `has the other label in ${row('kto', scenario)}`;
	const chosen = (scenario: string) => `rejects what is chosen in ${row('dpo', scenario)}`;
	const rejected = (scenario: string) => `chooses what is rejected in ${row('dpo', scenario)}`;

	it('stays as it was said first', () => {
		expect(leftOut(kto)).toEqual({ 1: other('a'), 3: other('c') });
		// What b chose is no matter once b is gone.
		expect(leftOut(dpo)).toEqual({ 1: chosen('a') });
	});

	it('goes altogether', () => {
		const options = { contradictions: 'leave out' } as const;
		expect(leftOut(kto, options)).toEqual({ 0: other('b'), 1: other('a'), 2: other('d'), 3: other('c') });
		expect(leftOut(dpo, options)).toEqual({ 0: rejected('b'), 1: chosen('a'), 2: chosen('b') });
	});

	it('stays where it is good', () => {
		const options = { contradictions: 'good' } as const;
		expect(leftOut(kto, options)).toEqual({ 1: other('a'), 2: other('d') });
		expect(leftOut(dpo, options)).toEqual({ 1: chosen('a'), 2: chosen('b') });
	});
});

describe('repetitions', () => {
	it('of a row in either split are left out', () => {
		const notes = [note('a', sft(1)), note('b', sft(1), { split: 'test' }), note('c', sft(2))];
		expect(leftOut(notes)).toEqual({ 1: `repeats ${row('sft', 'a')}` });
	});

	const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
	const said = (...texts: string[]) => ({ signature: signatureOf(texts) });
	const prompt = words.join(' ');
	// 58 triples against 57, of which all 57 are shared.
	const similar = words.slice(1).join(' ');

	it('that are nearly the same are left out from the given similarity on', () => {
		const notes = [
			note('a', sft(1), said(prompt)),
			note('b', sft(2), said(similar)),
			note('c', sft(3), said('no'))
		];
		expect(leftOut(notes, { similarity: 0.8 })).toEqual({ 1: `is nearly the same as ${row('sft', 'a')}` });
		expect(leftOut(notes, { similarity: 1 })).toEqual({});
	});

	it('are not nearly the same if their answers differ, or their labels, or their kinds', () => {
		const notes = [
			note('a', good(1), said(prompt, 'How many nights?')),
			note('a', good(2), said(prompt, 'Which area would you like?')),
			note('a', bad(3), said(prompt, 'How many nights?')),
			note('a', sft(4), said(prompt, 'How many nights?')),
			note('b', good(5), said(similar, 'how many nights'))
		];
		expect(Object.keys(leftOut(notes, { similarity: 0.8 }))).toEqual(['4']);
	});

	it('are found by a similarity that is estimated within its error', () => {
		const at = (share: number) => {
			// 2,000 triples each; those that they share come first.
			const kept = Math.round((2000 * 2 * share) / (1 + share));
			const texts = ['x', 'y'].map((mark) =>
				Array.from({ length: 2002 }, (_, index) => (index < kept + 2 ? `w${index}` : `${mark}${index}`)).join(
					' '
				)
			);
			const [a, b] = texts.map((text) => signatureOf([text]));
			return a!.filter((value, index) => value === b![index]).length / signatureLength;
		};
		for (const share of [0, 0.2, 0.5, 0.8, 0.95]) expect(Math.abs(at(share) - share)).toBeLessThan(0.13);
	});

	it('are other words in another order', () => {
		expect(signatureOf(['one two three'])).not.toEqual(signatureOf(['three two one']));
	});

	it('are rarely missed among many', () => {
		const texts = Array.from({ length: 400 }, (_, index) =>
			Array.from({ length: 40 }, (_, word) => `w${index}x${word}`)
		);
		const notes = [...texts, ...texts.map((text) => text.slice(4))].map((text, index) =>
			note(`s${index}`, sft(index), said(text.join(' ')))
		);
		// 34 of 38 triples are shared, 0.89.
		expect(plan(notes, { similarity: 0.8 }).leftOut.size).toBeGreaterThan(380);
	});
});

describe('draws', () => {
	it('leave a scenario no more of a kind than its cap, others for another seed', () => {
		const notes = [
			...Array.from({ length: 20 }, (_, index) => note('a', good(index))),
			...Array.from({ length: 3 }, (_, index) => note('a', sft(index))),
			note('b', good(50))
		];
		const options = { perScenario: 5 };
		const { order, leftOut } = plan(notes, options);
		expect(order.filter((index) => index < 20)).toHaveLength(5);
		expect(order.slice(5)).toEqual([20, 21, 22, 23]);
		expect(new Set(leftOut.values())).toEqual(new Set(['scenario a has more than 5 kto rows']));
		expect(plan(notes, { ...options, seed: 2 }).order).not.toEqual(order);
	});

	it('leave each split no more bad rows than its good ones allow', () => {
		const notes = [
			...Array.from({ length: 4 }, (_, index) => note('a', good(index))),
			...Array.from({ length: 20 }, (_, index) => note('b', bad(100 + index))),
			...Array.from({ length: 5 }, (_, index) => note('c', bad(200 + index), { split: 'test' })),
			note('a', pair(1, 2))
		];
		const { order, leftOut } = plan(notes, { badPerGood: 1.5 });
		expect(order.filter((index) => notes[index]!.origin.scenario === 'b')).toHaveLength(6);
		expect(order).toHaveLength(4 + 6 + 1);
		expect(new Set(leftOut.values())).toEqual(new Set(['more than 1.5 bad rows for each good one']));
	});
});

describe('the split', () => {
	const ids = Array.from({ length: 2000 }, (_, index) => `scenario-${index}`);
	const held = (testShare: number, seed: number) =>
		ids.filter((id) => splitOf(id, 'train', { testShare, seed }) === 'test');

	it('holds back what the pack holds back, and a share of the rest', () => {
		expect(splitOf('one', 'val', plainCuration)).toBe('test');
		expect(splitOf('one', 'test', plainCuration)).toBe('test');
		expect(held(0, 1)).toEqual([]);
		expect(held(1, 1)).toEqual(ids);
		expect(held(0.1, 1).length).toBeGreaterThan(150);
		expect(held(0.1, 1).length).toBeLessThan(250);
		expect(held(0.1, 2)).not.toEqual(held(0.1, 1));
	});

	it('holds back more of the same for a larger share', () => {
		expect(held(0.3, 1)).toEqual(expect.arrayContaining(held(0.1, 1)));
	});
});

describe('a shuffled order', () => {
	it('spreads a scenario evenly', () => {
		const notes = Array.from({ length: 400 }, (_, index) => note(`s${Math.floor(index / 20)}`, good(index)));
		const { order } = plan(notes, { order: 'shuffled' });
		const places = order.flatMap((index, place) => (index < 20 ? [place] : []));
		const gaps = places.slice(1).map((place, index) => place - places[index]!);
		// The mean is 20.
		expect(Math.min(...gaps)).toBeGreaterThan(10);
		expect(Math.max(...gaps)).toBeLessThan(30);
		expect(plan(notes, { order: 'shuffled', seed: 2 }).order).not.toEqual(order);
	});

	it('keeps rows of a scenario apart, as far as can be', () => {
		const scenarios = fc.array(fc.constantFrom(...'aaaabc'), { maxLength: 30 });
		fc.assert(
			fc.property(scenarios, fc.integer(), (rows, seed) => {
				const order = spread(rows, (row) => row, seed);
				expect(order.toSorted()).toEqual(rows.toSorted());
				expect(neighbours(order)).toBe(fewestNeighbours(order));
			}),
			{ numRuns: 1000 }
		);
	});
});

function neighbours(scenarios: readonly string[]): number {
	return scenarios.filter((scenario, index) => scenario === scenarios[index - 1]).length;
}

/** All others stand between rows of the most frequent one, a single one in each gap. */
function fewestNeighbours(scenarios: readonly string[]): number {
	const most = Math.max(...scenarios.map((one) => scenarios.filter((other) => other === one).length));
	return Math.max(0, most - (scenarios.length - most) - 1);
}

describe('any notes and options', () => {
	const options: fc.Arbitrary<CurationOptions> = fc.record({
		minReward: fc.constant(1),
		errors: fc.constant('leave out' as const),
		maxCharacters: fc.constantFrom(0, 15),
		rating: fc.constant('any' as const),
		contradictions: fc.constantFrom('first', 'leave out', 'good'),
		similarity: fc.constantFrom(1, 0.5),
		badPerGood: fc.constantFrom(0, 0.5, 1, 2.5),
		perScenario: fc.constantFrom(0, 1, 3),
		testShare: fc.constantFrom(0, 0.3),
		order: fc.constantFrom('as harvested', 'shuffled'),
		seed: fc.integer({ min: 0, max: 0xffffffff })
	});

	const answer = fc.integer({ min: 0, max: 30 });
	const answers = fc.oneof(
		answer.map(sft),
		answer.map(good),
		answer.map(bad),
		fc
			.tuple(answer, answer)
			.filter(([a, b]) => a !== b)
			.map(([a, b]) => pair(a, b))
	);
	const signatures = ['one two three four', 'one two three four five', 'six'].map((text) =>
		signatureOf([text])
	);
	const drawn = fc.tuple(
		fc.constantFrom('a', 'a', 'a', 'b', 'c', 'd', 'e'),
		answers,
		fc.integer({ min: 10, max: 20 }),
		fc.constantFrom(...signatures)
	);
	const cases = fc.tuple(fc.array(drawn, { maxLength: 80 }), options).map(([rows, options]) => ({
		options,
		notes: rows.map(([scenario, answers, characters, signature]) =>
			note(scenario, answers, { characters, split: splitOf(scenario, 'train', options), signature })
		)
	}));

	function holds(check: (kept: readonly ExampleNote[], options: CurationOptions) => void): void {
		fc.assert(
			fc.property(cases, ({ notes, options }) => {
				check(
					curate(notes, options).order.map((index) => notes[index]!),
					options
				);
			}),
			{ numRuns: 300 }
		);
	}

	it('give a plan that names each note once, left out ones with a reason, and the same one again', () => {
		fc.assert(
			fc.property(cases, ({ notes, options }) => {
				const plan = curate(notes, options);
				const named = [...plan.order, ...plan.leftOut.keys()].sort((a, b) => a - b);
				expect(named).toEqual([...notes.keys()]);
				for (const reason of plan.leftOut.values()) expect(reason).not.toBe('');
				expect(curate(structuredClone(notes), options)).toEqual(plan);
				if (options.order === 'as harvested')
					expect(plan.order).toEqual(plan.order.toSorted((a, b) => a - b));
			}),
			{ numRuns: 300 }
		);
	});

	it('keep no repetition and no contradiction', () => {
		holds((kept) => {
			expect(new Set(kept.map(({ key }) => key)).size).toBe(kept.length);
			const goods = new Set(kept.flatMap(({ good }) => good ?? []));
			expect(kept.filter(({ bad }) => bad !== undefined && goods.has(bad))).toEqual([]);
		});
	});

	it('keep to the caps and to the balance', () => {
		holds((kept, { perScenario, badPerGood }) => {
			for (const group of grouped(kept, ({ kind, origin }) => `${kind} ${origin.scenario}`))
				if (perScenario > 0) expect(group.length).toBeLessThanOrEqual(perScenario);
			const kto = kept.filter(({ kind }) => kind === 'kto');
			for (const group of grouped(kto, ({ split }) => split)) {
				const goods = group.filter(({ good }) => good !== undefined).length;
				if (badPerGood > 0) expect(group.length - goods).toBeLessThanOrEqual(badPerGood * goods);
			}
		});
	});

	it('keep rows of one scenario apart when shuffled, as far as can be', () => {
		holds((kept, { order }) => {
			if (order !== 'shuffled') return;
			for (const file of grouped(kept, ({ split, kind }) => `${split} ${kind}`)) {
				const scenarios = file.map(({ origin }) => origin.scenario);
				expect(neighbours(scenarios)).toBe(fewestNeighbours(scenarios));
			}
		});
	});

	function grouped(notes: readonly ExampleNote[], key: (note: ExampleNote) => string): ExampleNote[][] {
		return [...new Set(notes.map(key))].map((one) => notes.filter((note) => key(note) === one));
	}
});

it('options that are off leave the natural order', () => {
	const notes = [note('b', good(1)), note('a', bad(2)), note('b', sft(3)), note('a', pair(4, 5))];
	expect(plan(notes)).toEqual({ order: [0, 1, 2, 3], leftOut: new Map() });
});
