import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import SearchTree from '../../src/app/parts/SearchTree.svelte';
import { smallTree } from './pictures.ts';

async function renderTree(selected: string) {
	const onselect = vi.fn<(path: string) => void>();
	const screen = await render(SearchTree, { root: smallTree, selected, label: 'Search tree', onselect });
	onselect.mockImplementation((path) => void screen.rerender({ selected: path }));
	return { screen, onselect };
}

const focusedPath = () => document.activeElement?.getAttribute('data-path');

test('every node is a tree item that says what its marks mean', async () => {
	const { screen } = await renderTree('');
	await expect.element(screen.getByRole('tree', { name: 'Search tree' })).toBeVisible();
	expect(screen.getByRole('treeitem').elements()).toHaveLength(7);
	const goal = screen.getByRole('treeitem', { name: 'book_hotel, earned book_hotel, golden path' });
	await expect.element(goal).toHaveAttribute('aria-level', '3');
	await expect
		.element(screen.getByRole('treeitem', { name: 'RR, ended: the user ended the conversation' }))
		.toBeVisible();
});

test('Tab reaches one node, the selected one', async () => {
	const { screen } = await renderTree('R');
	const reachable = screen
		.getByRole('treeitem')
		.elements()
		.filter((element) => element.getAttribute('tabindex') === '0');
	expect(reachable.map((element) => element.getAttribute('data-path'))).toEqual(['R']);
	expect(reachable[0]?.getAttribute('aria-selected')).toBe('true');
});

test('arrow keys go along a branch, and up and down among its neighbours', async () => {
	const { screen, onselect } = await renderTree('');
	(screen.getByRole('treeitem').first().element() as SVGElement).focus();
	const visited: (string | null | undefined)[] = [];
	for (const key of [
		'ArrowRight',
		'ArrowRight',
		'ArrowUp',
		'ArrowUp',
		'ArrowLeft',
		'ArrowDown',
		'Home',
		'End'
	]) {
		await userEvent.keyboard(`{${key}}`);
		visited.push(focusedPath());
	}
	expect(visited).toEqual(['R', 'RL', 'LR', 'LL', 'L', 'R', '', 'RL']);
	expect(onselect).toHaveBeenLastCalledWith('RL');
});

test('a click selects', async () => {
	const { screen, onselect } = await renderTree('');
	await screen.getByRole('treeitem', { name: 'RR' }).click();
	expect(onselect).toHaveBeenCalledWith('RR');
});

test('golden, pruned and ended nodes differ by shape, not only by colour', async () => {
	const { screen } = await renderTree('');
	const shapeOf = (path: string) =>
		screen.container.querySelector(`[data-path="${path}"] .glyph path`)?.getAttribute('d');
	expect(new Set(['L', 'R', 'RL', 'RR'].map(shapeOf)).size).toBe(4);
	const pruned = screen.container.querySelector('[data-path="L"] .body')!;
	expect(getComputedStyle(pruned).strokeDasharray).not.toBe('none');
});

test('the whole tree is shown by its marks alone, which keep their names', async () => {
	const { screen } = await renderTree('');
	await expect.element(screen.getByText('book_hotel', { exact: true })).toBeVisible();
	await screen.getByRole('button', { name: 'Whole tree' }).click();
	expect(screen.getByText('book_hotel', { exact: true }).elements()).toHaveLength(0);
	await expect.element(screen.getByRole('treeitem', { name: /^book_hotel, earned/ })).toBeVisible();
});
