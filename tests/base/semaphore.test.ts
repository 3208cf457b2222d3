import { expect, it } from 'vitest';
import { Semaphore } from '../../src/base/semaphore.ts';

/** Who got in so far, in order. */
function door(permits: number) {
	const semaphore = new Semaphore(permits);
	const inside: string[] = [];
	const enter = async (name: string, wanted = 1, signal?: AbortSignal) => {
		const leave = await semaphore.acquire(wanted, signal);
		inside.push(name);
		return leave;
	};
	return { inside, enter };
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

it('lets in as many as there are permits, in the order of asking', async () => {
	const { inside, enter } = door(2);
	const [first] = ['a', 'b', 'c', 'd'].map((name) => enter(name));
	await soon();
	expect(inside).toEqual(['a', 'b']);
	(await first!)();
	await soon();
	expect(inside).toEqual(['a', 'b', 'c']);
});

it('lets one in alone, and those who came after it after it', async () => {
	const { inside, enter } = door(2);
	const first = enter('first');
	const alone = enter('alone', 2);
	void enter('after');
	await soon();
	expect(inside).toEqual(['first']);
	(await first)();
	await soon();
	expect(inside).toEqual(['first', 'alone']);
	(await alone)();
	await soon();
	expect(inside).toEqual(['first', 'alone', 'after']);
});

it('forgets who stops waiting, and lets in whom that one kept out', async () => {
	const { inside, enter } = door(2);
	void enter('first');
	const controller = new AbortController();
	const alone = enter('alone', 2, controller.signal);
	void enter('after');
	controller.abort();
	await expect(alone).rejects.toMatchObject({ name: 'AbortError' });
	await soon();
	expect(inside).toEqual(['first', 'after']);
	await expect(enter('late', 1, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
