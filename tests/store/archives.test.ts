import { strToU8, Zip, ZipDeflate, ZipPassThrough, zipSync, type Zippable } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';
import { runFolder } from '../../src/dataset/folder.ts';
import { openArchive, readRunFiles } from '../../src/store/run-files.ts';
import { readZip } from '../../src/store/zip.ts';
import { of, packText, sampleRecord, userEvent } from './samples.ts';
import { unzipped } from './unzipped.ts';

const record = sampleRecord('a');
const events = of('first', userEvent(0), userEvent(1, 'Ünïcode'));
const run: Zippable = {
	[runFolder.record]: strToU8(JSON.stringify(record)),
	[runFolder.pack]: strToU8(packText),
	[runFolder.events]: strToU8(events.map((one) => `${JSON.stringify(one)}\n`).join(''))
};
const around = (folder: string, files = run) =>
	Object.fromEntries(Object.entries(files).map(([path, content]) => [folder + path, content]));

const blob = (...parts: readonly Uint8Array[]) => new Blob(parts as Uint8Array<ArrayBuffer>[]);
const zipped = (files: Zippable, level: 0 | 6 = 6) => zipSync(files, { level });
const read = async (archive: Blob) => readRunFiles(await openArchive(archive));

/** The places where the directory has `signature`. */
function places(bytes: Uint8Array, signature: number): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return [...bytes.keys()].filter((at) => at + 4 <= bytes.length && view.getUint32(at, true) === signature);
}

/** The archive with numbers of its directory's entry for `name` changed. */
function patched(
	bytes: Uint8Array,
	name: string,
	change: (view: DataView, entry: number) => void
): Uint8Array {
	const copy = Uint8Array.from(bytes);
	const view = new DataView(copy.buffer);
	for (const at of places(copy, 0x02014b50)) {
		const its = new TextDecoder().decode(copy.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
		if (its === name) change(view, at);
	}
	return copy;
}

/** As writers do that cannot go back: sizes stand behind each file, and its bytes may look like a header. */
function streamed(files: Record<string, Uint8Array>): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	const zip = new Zip((error, piece) => {
		if (error) throw error;
		pieces.push(piece);
	});
	for (const [index, [name, content]] of Object.entries(files).entries()) {
		const file = index % 2 === 0 ? new ZipDeflate(name) : new ZipPassThrough(name);
		zip.add(file);
		file.push(content, true);
	}
	zip.end();
	return pieces;
}

/** With 64 bit fields for all that an archive of more than 4 GiB has there. */
function large(files: Record<string, Uint8Array>): Uint8Array {
	const parts: Uint8Array[] = [];
	const directory: Uint8Array[] = [];
	let at = 0;
	const put = (
		list: Uint8Array[],
		length: number,
		write: (view: DataView) => void,
		...more: Uint8Array[]
	) => {
		const head = new Uint8Array(length);
		write(new DataView(head.buffer));
		list.push(head, ...more);
	};
	for (const [path, content] of Object.entries(files)) {
		const name = strToU8(path);
		const begin = at;
		put(
			parts,
			30,
			(view) => {
				view.setUint32(0, 0x04034b50, true);
				view.setUint16(26, name.length, true);
			},
			name,
			content
		);
		at += 30 + name.length + content.length;
		const extra = new Uint8Array(28);
		const fields = new DataView(extra.buffer);
		fields.setUint16(0, 1, true);
		fields.setUint16(2, 24, true);
		for (const [index, value] of [content.length, content.length, begin].entries())
			fields.setBigUint64(4 + 8 * index, BigInt(value), true);
		put(
			directory,
			46,
			(view) => {
				view.setUint32(0, 0x02014b50, true);
				view.setUint32(16, crc32(content), true);
				for (const field of [20, 24, 42]) view.setUint32(field, 0xffffffff, true);
				view.setUint16(28, name.length, true);
				view.setUint16(30, extra.length, true);
			},
			name,
			extra
		);
	}
	const size = directory.reduce((sum, { length }) => sum + length, 0);
	put(directory, 56 + 20 + 22, (view) => {
		view.setUint32(0, 0x06064b50, true);
		view.setBigUint64(40, BigInt(size), true);
		view.setBigUint64(48, BigInt(at), true);
		view.setUint32(56, 0x07064b50, true);
		view.setBigUint64(64, BigInt(at + size), true);
		view.setUint32(76, 0x06054b50, true);
		for (const field of [80, 82, 84, 86]) view.setUint16(field, 0xffff, true);
		view.setUint32(88, 0xffffffff, true);
		view.setUint32(92, 0xffffffff, true);
	});
	return new Uint8Array(Buffer.concat([...parts, ...directory]));
}

const junk = new Uint8Array(5000).fill(7);
const plain = Object.fromEntries(
	Object.entries(run).map(([path, content]) => [path === runFolder.events ? 'events.jsonl' : path, content])
);

test.each([
	['packed', blob(zipped(run))],
	['not packed', blob(zipped(run, 0))],
	['with folders around it', blob(zipped(around('my data/v2/')))],
	[
		'with backslashes',
		blob(
			zipped(
				around(
					'my data\\',
					Object.fromEntries(Object.entries(run).map(([path, content]) => [path.replace('/', '\\'), content]))
				)
			)
		)
	],
	['with names that lead out of it', blob(zipped(around('../../')))],
	['with entries for folders', blob(zipped({ 'run/': new Uint8Array(), ...run }))],
	[
		'with sizes behind the files',
		blob(
			...streamed({
				like: strToU8('PK\u0007\u0008 PK\u0003\u0004 PK\u0001\u0002'),
				...(run as Record<string, Uint8Array>)
			})
		)
	],
	['of the large kind', blob(large(run as Record<string, Uint8Array>))],
	['with something behind it', blob(zipped(run), junk)],
	['with something before it', blob(junk, zipped(run))],
	[
		'with many other files',
		blob(
			zipped({
				...Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`other/${n}`, new Uint8Array()])),
				...run
			})
		)
	],
	['of a plain export', blob(zipped(around('x/', plain)))]
])('an archive %s is read', async (_, archive) => {
	const found = await read(archive);
	expect(found.record).toEqual(record);
	expect(found.pack).toBe(packText);
	expect(await found.events()).toEqual({ events, damage: [] });
});

const packed = zipped(run);
const stored = zipped(run, 0);
const { events: eventsPath } = runFolder;
const twoNames = zipped({ ...run, [eventsPath.replace('events', 'eventz')]: strToU8('') });

test.each([
	['of nothing', blob(), /no ZIP archive that can be read: it is empty/],
	['that is text', blob(strToU8('text')), /no ZIP archive that can be read: its end is missing/],
	['of something else', blob(zipped({ 'a.txt': strToU8('a') })), /There is no run\/run\.json/],
	[
		'of two runs',
		blob(zipped({ ...around('old/'), ...around('new/') })),
		/two runs: old\/run\/run\.json and new\/run\/run\.json/
	],
	[
		'of two runs, one of them in part',
		blob(zipped({ 'old/run/events.jsonl': new Uint8Array(), ...run })),
		/two runs: old\/run\/events\.jsonl and run\/run\.json/
	],
	[
		'with a file twice',
		blob(
			patched(twoNames, 'run/eventz.jsonl', (view, at) =>
				view.setUint8(at + 46 + 'run/event'.length, 's'.charCodeAt(0))
			)
		),
		/two runs: run\/events\.jsonl and another run\/events\.jsonl/
	],
	['that is cut off', blob(packed.subarray(0, packed.length - 30)), /its end is missing/],
	['whose beginning is gone', blob(packed.subarray(30)), /damaged: its beginning is missing/],
	[
		'with another byte',
		blob(stored.map((byte, at) => (at === 200 ? byte ^ 1 : byte))),
		/damaged: run\/run\.json does not have the checksum/
	],
	[
		'with bytes that cannot be unpacked',
		blob(packed.map((byte, at) => (at >= 60 && at < 70 ? 0xff : byte))),
		/damaged: run\/run\.json (cannot be unpacked|does not have)/
	],
	[
		'that is larger than it says',
		blob(patched(packed, eventsPath, (view, at) => view.setUint32(at + 24, 10, true))),
		/damaged: run\/events\.jsonl is larger than the directory says/
	],
	[
		'that is smaller than it says',
		blob(patched(packed, eventsPath, (view, at) => view.setUint32(at + 24, 5000, true))),
		/damaged: run\/events\.jsonl is cut off/
	],
	[
		'that would be too large',
		blob(patched(packed, eventsPath, (view, at) => view.setUint32(at + 24, 1.5 * 2 ** 30, true))),
		/run\/events\.jsonl has 1\.5 GiB unpacked; more than 1 GiB is not read/
	],
	[
		'that is encrypted',
		blob(patched(packed, eventsPath, (view, at) => view.setUint16(at + 8, 1, true))),
		/run\/events\.jsonl is encrypted/
	],
	[
		'packed in another way',
		blob(patched(packed, eventsPath, (view, at) => view.setUint16(at + 10, 14, true))),
		/by a method \(14\)/
	],
	[
		'whose events are blank lines',
		blob(zipped({ ...run, [eventsPath]: new Uint8Array(2 ** 22).fill(10) })),
		/more than 1000 of its lines are damaged/
	],
	[
		'with an empty record',
		blob(zipped({ ...run, [runFolder.record]: new Uint8Array() })),
		/run\/run\.json is damaged: it is empty/
	],
	[
		'with half a record',
		blob(zipped({ ...run, [runFolder.record]: strToU8('{"id":') })),
		/run\/run\.json is damaged: it is cut off/
	],
	[
		'with another pack',
		blob(zipped({ ...run, [runFolder.pack]: strToU8('{}') })),
		/run\/pack\.json is damaged: it does not have the hash/
	],
	[
		'without events',
		blob(zipped({ [runFolder.record]: run[runFolder.record]!, [runFolder.pack]: run[runFolder.pack]! })),
		/There is no run\/events\.jsonl/
	]
])('an archive %s is refused in words', async (_, archive, words) => {
	await expect(read(archive)).rejects.toMatchObject({
		name: 'StoreError',
		message: expect.stringMatching(words) as unknown
	});
});

test('no change of a byte gives other content: it is read as it was, or refused', async () => {
	const files = { 'run/a.txt': strToU8('some words, some words, some words'), b: strToU8('') };
	const archive = zipSync(files, { level: 6, mtime: '2020-01-01' });
	const whole = await unzipped(blob(archive));
	await fc.assert(
		fc.asyncProperty(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
			const changed = archive.map((byte, index) => (index === at ? byte ^ by : byte));
			const found = await unzipped(blob(changed)).catch((error: Error) => error);
			if (found instanceof Error) expect(found.name).toBe('StoreError');
			// Names have no checksum.
			else expect([...found.values()]).toEqual([...whole.values()].slice(0, found.size));
		}),
		{ numRuns: 2000 }
	);
});

test('names that look like anything are read as they are', async () => {
	const entries = await readZip(blob(zipped({ 'ü/\u0000.txt': strToU8('x') })));
	expect(entries.map(({ name, size }) => [name, size])).toEqual([['ü/\u0000.txt', 1]]);
});
