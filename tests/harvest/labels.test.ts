import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pictureBranch } from '../../src/app/picture.ts';
import { claimsIn } from '../../src/harvest/claims.ts';
import { examplesOf } from '../../src/harvest/examples.ts';
import { labelTree, type Label } from '../../src/harvest/labels.ts';
import { walk } from '../../src/search/tree.ts';
import {
	bookNothing,
	bookTwo,
	desk,
	grow,
	randomScript,
	script,
	searchAmber,
	searchNorth,
	smallTree,
	type Doing
} from './desk.ts';

const agentPrompt = desk.prompts.agent;

/** The labels of the agent's messages in words, by path. */
function labelsIn({ tree }: ReturnType<typeof grow>, objection?: string): Record<string, string[]> {
	const { labelOf } = labelTree({ tree, agentPrompt, objection });
	return Object.fromEntries(
		[...walk(tree.top)].map(({ path, entries }) => [
			path,
			entries.flatMap((entry) =>
				entry.kind === 'agent'
					? entry.messages.flatMap((message) =>
							message.role === 'assistant' ? [words(labelOf(entry, message))] : []
						)
					: []
			)
		])
	);
}

function words(label: Label): string {
	if (label.label === 'good') return label.claims ? `good! ${label.claims.join()}` : 'good';
	return label.label === 'bad' ? `bad: ${label.cause}` : `unused: ${label.reason}`;
}

describe('the labels of a tree', () => {
	it('are good on the golden path, bad beside it, and say why nothing comes of the rest', () => {
		expect(labelsIn(smallTree())).toEqual({
			'': [],
			L: ['good', 'good'],
			R: ['bad: asked for what was told'],
			LL: ['good'],
			LR: ['unused: another branch earned it too'],
			LLL: ['unused: the same as the good one', 'bad: missing call'],
			LLR: ['good', 'good', 'good'],
			LRL: ['unused: the branch had left the golden path before'],
			LRR: ['unused: another branch earned it too', 'unused: another branch earned it too']
		});
	});

	const beside = (
		good: readonly Doing[],
		bad: readonly Doing[] | { does: readonly Doing[]; raised: string }
	) =>
		labelsIn(
			grow(
				'one',
				script({ L: good, R: bad, LL: [bookTwo], LR: ['Hm.'] }, { '': 'I need a hotel in the north.' })
			)
		)['R']![0];

	it.each<[string, readonly Doing[], readonly Doing[] | { does: readonly Doing[]; raised: string }]>([
		['bad: wrong arguments', [searchNorth, 'Found.'], [searchAmber, 'Found.']],
		['bad: wrong call', [searchNorth, 'Found.'], [{ call: 'book_hotel', with: { nights: 9 } }, 'Done.']],
		['bad: asked for what was told', [searchNorth, 'Found.'], ['In which part?']],
		['bad: missing call', [searchNorth, 'Found.'], ['I will look.']],
		['bad: invented result', [searchNorth, 'Found.'], ['It is booked, reference K1234.']],
		['bad: error', [searchNorth, 'Found.'], { does: ['<tool_call>{'], raised: 'no JSON' }]
	])('%s', (cause, good, bad) => expect(beside(good, bad)).toBe(cause));

	it('are unused all over where the search gives nothing, with the reason', () => {
		const all = (grown: ReturnType<typeof grow>, objection?: string) => [
			...new Set(Object.values(labelsIn(grown, objection)).flat())
		];
		expect(all(grow('one', script({}), { maxSteps: 2 }))).toEqual(['unused: below the least score']);
		expect(all(smallTree(), 'rated bad by a person')).toEqual(['unused: excluded by a person']);
		const refused = script({ L: [searchNorth, bookNothing, 'Hm.'], LL: [bookTwo, 'Done.'] });
		expect(all(grow('one', refused))).toEqual(['unused: an error on the golden path']);
	});

	it('warn of a good turn that says what nobody had said', () => {
		const grown = grow(
			'one',
			script({ L: [searchNorth, 'It is free, for 99 a night.'], LL: [bookTwo, 'Booked.'] })
		);
		expect(labelsIn(grown)['L']).toEqual(['good', 'good! 99']);
	});

	it('are those of the page and of the examples, in every node of any tree', () => {
		fc.assert(
			fc.property(fc.nat(), fc.constantFrom(2, 4, 8), fc.constantFrom(0, 0.5, 1), (seed, beam, minReward) => {
				const search = grow('one', randomScript(seed), { beam, maxSteps: 6 });
				const { tree } = search;
				const labelled = labelTree({ tree, agentPrompt, minReward });
				const onPage = new Set<string>();
				for (const { path } of walk(tree.top))
					for (const { messages, labels } of pictureBranch(tree, path, [], labelled).steps)
						for (const [index, label] of labels.entries())
							if (label && label.label !== 'unused')
								onPage.add(`${label.label} ${JSON.stringify(messages[index])}`);
				const harvest = examplesOf(search, { minReward });
				const { lesson } = labelled;
				if ('none' in harvest) {
					expect(onPage.size).toBe(0);
					expect(lesson).toEqual(harvest);
					return;
				}
				const rows = harvest.examples.kto.map(
					({ label, completion }) => [label ? 'good' : 'bad', completion] as const
				);
				const inFiles = new Set(
					rows.map(([label, { content, tool_calls = [] }]) => `${label} ${content} ${callsOf(tool_calls)}`)
				);
				const shown = new Set(
					[...onPage].map((text) => {
						const [label, ...json] = text.split(' ');
						const { content, tool_calls = [] } = JSON.parse(json.join(' ')) as (typeof rows)[0][1];
						return `${label} ${content} ${callsOf(tool_calls)}`;
					})
				);
				expect(shown).toEqual(inFiles);
			}),
			{ numRuns: 150 }
		);
	});
});

function callsOf(calls: readonly { readonly function: object }[]): string {
	return JSON.stringify(calls.map((call) => call.function));
}

describe('claims', () => {
	it('are numbers, ids and names that nobody had said', () => {
		const heard = ['I need 3 rooms.', '[{"name": "Amber Inn", "price": 1200}]'];
		expect(claimsIn('Amber Inn has 3 rooms for 1,200.', heard)).toEqual([]);
		expect(claimsIn('It is the Lily Lodge, reference K1234, for 5.', heard)).toEqual([
			'Lily',
			'Lodge',
			'K1234',
			'5'
		]);
		expect(claimsIn('Shall I book it? Yes.', heard)).toEqual([]);
	});
});
