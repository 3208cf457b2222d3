import { expect, test } from 'vitest';
import { PrivateFiles } from '../../src/store/private-files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function folders(): Promise<string[]> {
	const root = await navigator.storage.getDirectory();
	const all = await root.getDirectoryHandle('exports');
	const names: string[] = [];
	for await (const name of (all as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
	return names;
}

test('files are given back whole, and go when others are written much later', async () => {
	const first = await PrivateFiles.create(1_000_000);
	const file = await first.open('sft.jsonl', 'application/jsonl');
	await file.write(bytes('one\n'));
	await file.write(bytes('two\n'));
	await file.close();
	const cut = await first.open('kto.jsonl', 'application/jsonl');
	await cut.write(bytes('half'));
	await cut.abort();
	expect(first.files.map(({ name }) => name)).toEqual(['sft.jsonl']);
	const { content } = first.files[0]!;
	expect(content.type).toBe('application/jsonl');
	expect(await content.text()).toBe('one\ntwo\n');

	// Someone may still be saving the first one.
	await PrivateFiles.create(1_000_000 + 60_000);
	expect(await content.text()).toBe('one\ntwo\n');
	expect(await folders()).toHaveLength(2);
	await PrivateFiles.create(1_000_000 + 31 * 60_000);
	expect(await folders()).toHaveLength(2);
	await expect(content.text()).rejects.toThrow();
});
