import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ExampleNote } from '../../src/dataset/curation/curation.ts';
import { signatureLength } from '../../src/dataset/curation/minhash.ts';
import { Notes } from '../../src/dataset/curation/notes.ts';

const hash = fc.integer({ min: 0, max: 2 ** 52 - 1 });
const count = fc.nat(100_000);
const noteWith = (signature: boolean): fc.Arbitrary<ExampleNote> =>
	fc.record(
		{
			kind: fc.constantFrom('sft', 'kto', 'dpo'),
			split: fc.constantFrom('train', 'test'),
			key: hash,
			good: hash,
			bad: hash,
			characters: count,
			origin: fc.record({ scenario: fc.string(), turn: count, path: fc.string(), message: count }),
			...(signature && {
				signature: fc.uint16Array({ minLength: signatureLength, maxLength: signatureLength })
			})
		},
		{
			requiredKeys: [
				'kind',
				'split',
				'key',
				'characters',
				'origin',
				...(signature ? ['signature'] : [])
			] as never
		}
	);

it('gives notes back as they were', () => {
	const lists = fc.boolean().chain((signature) => fc.array(noteWith(signature), { maxLength: 40 }));
	fc.assert(
		fc.property(lists, (list) => {
			const notes = new Notes();
			for (const note of list) notes.add(note);
			expect(notes.length).toBe(list.length);
			expect(list.map((_, index) => notes.at(index))).toEqual(list);
			expect([notes.at(-1), notes.at(list.length)]).toEqual([undefined, undefined]);
		})
	);
});

it('holds many', () => {
	const notes = new Notes();
	const signature = (n: number) => new Uint16Array(signatureLength).fill(n);
	const note = (n: number): ExampleNote => ({
		kind: 'sft',
		split: 'train',
		key: n,
		characters: n,
		origin: { scenario: `s${n % 7}`, turn: n, path: 'L', message: n },
		signature: signature(n)
	});
	for (let n = 0; n < 3000; n++) notes.add(note(n));
	for (const n of [0, 1023, 1024, 2999]) expect(notes.at(n)).toEqual(note(n));
});
