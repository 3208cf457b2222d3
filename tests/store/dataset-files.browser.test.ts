import { afterEach, describe, expect, it } from 'vitest';
import { writeFile, writeText } from '../../src/dataset/ledger.ts';
import { intoHandle } from '../../src/store/handle-sink.ts';
import { readZip } from '../../src/store/zip.ts';
import { unzipped } from './unzipped.ts';
import ScratchWorker from './scratch.worker.ts?worker';

const root = await navigator.storage.getDirectory();

afterEach(async () => {
	const names = (root as unknown as { keys(): AsyncIterable<string> }).keys();
	for await (const name of names) await root.removeEntry(name, { recursive: true });
});

const words = 'Ünïcode\u2028 "quotes"\n';

describe('a folder', () => {
	it('holds the files at their paths', async () => {
		const folder = await root.getDirectoryHandle('dataset', { create: true });
		await intoHandle(folder, async (sink) => {
			await writeText(sink, 'README.md', 'text/markdown', words);
			await writeText(sink, 'run/a/b.json', 'application/json', '{}');
		});
		const deep = await (await folder.getDirectoryHandle('run')).getDirectoryHandle('a');
		expect(await (await (await deep.getFileHandle('b.json')).getFile()).text()).toBe('{}');
		expect(await (await (await folder.getFileHandle('README.md')).getFile()).text()).toBe(words);
	});

	it('keeps a file as it was when the new one fails', async () => {
		const folder = await root.getDirectoryHandle('dataset', { create: true });
		await intoHandle(folder, (sink) => writeText(sink, 'a.jsonl', 'application/jsonl', 'whole\n'));
		const broken = intoHandle(folder, (sink) =>
			writeFile(
				sink,
				'a.jsonl',
				'application/jsonl',
				(function* () {
					yield new TextEncoder().encode('half');
					throw new Error('cut off');
				})()
			)
		);
		await expect(broken).rejects.toThrow('cut off');
		expect(await (await (await folder.getFileHandle('a.jsonl')).getFile()).text()).toBe('whole\n');
	});
});

describe('an archive', () => {
	it('holds the files at their paths, equal for equal files', async () => {
		const make = async (name: string) => {
			const handle = await root.getFileHandle(name, { create: true });
			await intoHandle(handle, async (sink) => {
				await writeText(sink, 'sft/train.jsonl', 'application/jsonl', words.repeat(50_000));
				await writeText(sink, 'empty', 'text/plain', '');
				await writeText(sink, 'run/run.json', 'application/json', '{}');
			});
			return handle.getFile();
		};
		const archive = await make('one.zip');
		const texts = await unzipped(archive);
		expect(texts.get('sft/train.jsonl')).toBe(words.repeat(50_000));
		expect([...texts.keys()].sort()).toEqual(['empty', 'run/run.json', 'sft/train.jsonl']);
		expect(archive.size).toBeLessThan(50_000);
		expect(await archive.bytes()).toEqual(await (await make('two.zip')).bytes());
	});

	it('is not there if it was not finished', async () => {
		const handle = await root.getFileHandle('broken.zip', { create: true });
		const broken = intoHandle(handle, async (sink) => {
			await writeText(sink, 'a', 'text/plain', 'a');
			throw new Error('cut off');
		});
		await expect(broken).rejects.toThrow('cut off');
		expect((await handle.getFile()).size).toBe(0);
	});

	it.each([
		['text', new Blob(['not an archive'])],
		['nothing', new Blob([])]
	])('of %s is refused in words', async (_, blob) => {
		await expect(readZip(blob)).rejects.toThrow(/no ZIP archive/);
	});
});

it('a scratch file of a worker is read anywhere and leaves nothing behind', async () => {
	const worker = new ScratchWorker();
	const answer = await new Promise((resolve, reject) => {
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = ({ message }) => reject(new Error(message));
	});
	worker.terminate();
	expect(answer).toEqual({ first: 'one', second: 'two two', left: 0, beyond: true });
});
