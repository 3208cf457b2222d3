import { expect, test } from 'vitest';
import { follow, pictureBranch, pictureTree, type PicturedNode } from '../../src/app/picture.ts';
import type { ExecutedCall } from '../../src/environment/environment.ts';
import { apply, plant } from '../../src/search/fold.ts';
import type { AgentEvent, SearchEvent, UserEvent } from '../../src/search/events.ts';
import { defaultSearchOptions } from '../../src/search/josh/options.ts';
import type { SearchTree } from '../../src/search/tree.ts';
import { exactReward } from '../../src/talk/rewards/exact-calls.ts';

const tokens = { prompt: 1, completion: 1 };
const find: ExecutedCall = { name: 'find', arguments: { area: 'north' }, result: [], ok: true };
const book: ExecutedCall = {
	name: 'book',
	arguments: { name: 'Alder House' },
	result: { ref: 'A1' },
	ok: true
};

const start = plant({
	scenario: 's',
	strategy: { kind: 'josh', ...defaultSearchOptions, beam: 2 },
	goals: exactReward([book, { name: 'book', arguments: { name: 'Birch Inn' } }]).goals
});

function grow(tree: SearchTree, steps: readonly (Partial<AgentEvent> | Partial<UserEvent>)[]): SearchTree {
	return steps.reduce(
		(grown, step) => apply(grown, { tokens, turn: 0, ...step, n: grown.events } as SearchEvent),
		tree
	);
}

const says = (content: string) => [{ role: 'assistant', content, seenBy: 'both' } as const];
const asks = (content: string) => [{ role: 'user', content, seenBy: 'both' } as const];

const opened = grow(start, [{ kind: 'user', path: '', over: false, messages: asks('A hotel, please.') }]);
const collapsed = grow(opened, [
	{ kind: 'agent', path: 'L', try: 0, outcome: 'finished', messages: says('Here is none.'), calls: [find] },
	{
		kind: 'agent',
		path: 'R',
		try: 0,
		outcome: 'finished',
		messages: says('Booked.'),
		calls: [book],
		earned: [0]
	}
]);

function all(node: PicturedNode): PicturedNode[] {
	return [node, ...node.children.flatMap(all)];
}

const marksOf = (tree: SearchTree) =>
	Object.fromEntries(all(pictureTree(tree, [])).map(({ path, mark, label }) => [path, `${mark} ${label}`]));

test('leaves are open before their turn and named by their calls after it', () => {
	expect(marksOf(opened)).toEqual({ '': 'passed opening', L: 'open …', R: 'open …' });
	const half = grow(opened, [
		{ kind: 'agent', path: 'L', try: 0, outcome: 'finished', messages: says('Here is none.'), calls: [find] }
	]);
	expect(marksOf(half)['L']).toBe('open find');
});

test('a collapse shows the goal, the golden path and what was pruned', () => {
	expect(marksOf(collapsed)).toEqual({ '': 'golden opening', L: 'pruned find', R: 'goal book' });
	const right = pictureTree(collapsed, []).children[1]!;
	expect(right.golden).toBe(true);
	expect(right.remarks).toEqual(['earned book', 'golden path', 'open']);
});

test('a branch that earned a goal too late keeps a mark of its own', () => {
	const both = grow(opened, [
		{
			kind: 'agent',
			path: 'L',
			try: 0,
			outcome: 'finished',
			messages: says('Booked.'),
			calls: [book],
			earned: [0]
		},
		{
			kind: 'agent',
			path: 'R',
			try: 0,
			outcome: 'finished',
			messages: says('Booked.'),
			calls: [book],
			earned: [0]
		}
	]);
	expect(marksOf(both)).toMatchObject({ L: 'goal book', R: 'lost-goal book' });
});

test('an ended branch says why', () => {
	const ended = grow(opened, [
		{ kind: 'agent', path: 'L', try: 0, outcome: 'raised', messages: [], calls: [], error: 'too long' },
		{ kind: 'agent', path: 'R', try: 0, outcome: 'finished', messages: says('Hello.'), calls: [] },
		{ kind: 'user', path: 'R', turn: 1, over: true, messages: asks('Bye.') }
	]);
	expect(marksOf(ended)).toMatchObject({ L: 'ended error', R: 'ended Hello.' });
	expect(pictureBranch(ended, 'L', []).ending).toBe('ended: the agent could not go on: too long');
	expect(pictureBranch(ended, 'R', []).ending).toBe('ended: the user left');
});

test('a branch is its conversation from the opening, with goals at their calls and live text at its end', () => {
	const live = { kind: 'user', path: 'R', turn: 1, text: 'And a' } as const;
	const { steps, ending } = pictureBranch(collapsed, 'R', [live, { ...live, path: 'L', text: 'elsewhere' }]);
	expect(steps.map(({ speaker, messages, writing }) => [speaker, messages[0]?.content ?? writing])).toEqual([
		['user', 'A hotel, please.'],
		['agent', 'Booked.'],
		['user', 'And a']
	]);
	expect(steps[1]!.earned).toMatchObject([{ goal: { call: { name: 'book' } }, call: book }]);
	expect(ending).toBeUndefined();
});

test('a viewer is led on along the branch, and over to the golden path when it is pruned', () => {
	expect(follow(opened, '')).toBe('L');
	expect(follow(opened, 'R')).toBe('R');
	expect(follow(collapsed, 'L')).toBe('R');
	const next = grow(collapsed, [
		{ kind: 'user', path: 'R', turn: 1, over: false, messages: asks('Another.') }
	]);
	expect(follow(next, 'R')).toBe('RL');
});
