import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryScratch } from '../../src/dataset/memory-files.ts';
import { WaitingRows } from '../../src/dataset/waiting-rows.ts';

const row = fc.record({
	path: fc.constantFrom('a', 'b/c'),
	rank: fc.nat(5),
	text: fc.string({ unit: 'binary', maxLength: 20 })
});

it('gives each file its rows by rank, equal ones as they came', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(row), async (added) => {
			const rows = new WaitingRows(new MemoryScratch());
			for (const { path, rank, text } of added) await rows.add(path, rank, `${text}\n`);
			for (const path of ['a', 'b/c', 'none']) {
				const wanted = added.filter((one) => one.path === path).toSorted((a, b) => a.rank - b.rank);
				const lines: string[] = [];
				let written = '';
				for await (const piece of rows.pieces(path, (line) => lines.push(line)))
					written += new TextDecoder().decode(piece);
				expect(lines).toEqual(wanted.map(({ text }) => `${text}\n`));
				expect(written).toBe(lines.join(''));
				expect(rows.count(path)).toBe(wanted.length);
			}
		})
	);
});

it('gives large files in pieces of which none is much larger than a quarter of a megabyte', async () => {
	const rows = new WaitingRows(new MemoryScratch());
	for (let rank = 0; rank < 100; rank++) await rows.add('a', rank, 'x'.repeat(9_999) + '\n');
	const sizes: number[] = [];
	for await (const piece of rows.pieces('a')) sizes.push(piece.length);
	expect(sizes.reduce((sum, size) => sum + size)).toBe(1_000_000);
	expect(sizes).toHaveLength(4);
	expect(Math.max(...sizes)).toBeLessThan(2 ** 18 + 10_000);
});
