import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ledger, writeFile, writeText } from '../../src/dataset/ledger.ts';
import { MemorySink } from '../../src/dataset/memory-files.ts';

it('knows the size and hash of what it passed on, however it was cut', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (pieces) => {
			const sink = new MemorySink();
			const ledger = new Ledger(sink);
			await writeFile(ledger, 'a/b', 'text/plain', pieces);
			const whole = Buffer.concat(pieces);
			const hash = createHash('sha256').update(whole).digest('hex');
			expect(ledger.files).toEqual([{ path: 'a/b', bytes: whole.length, sha256: hash }]);
			expect(Buffer.from(await sink.files[0]!.content.arrayBuffer())).toEqual(whole);
		})
	);
});

it('lists files in the order in which they were finished, and none that was not', async () => {
	const ledger = new Ledger(new MemorySink());
	await writeText(ledger, 'b', 'text/plain', 'ü');
	const broken = writeFile(
		ledger,
		'c',
		'text/plain',
		(function* () {
			yield new Uint8Array(1);
			throw new Error('cut off');
		})()
	);
	await expect(broken).rejects.toThrow('cut off');
	await writeText(ledger, 'a', 'text/plain', '');
	expect(ledger.files.map(({ path, bytes }) => [path, bytes])).toEqual([
		['b', 2],
		['a', 0]
	]);
});
