import { decoded, joined } from '../base/bytes.ts';
import { parseJson } from '../base/json-read.ts';
import { sha256 } from '../base/hash.ts';
import { runFolder } from '../dataset/folder.ts';
import { MemorySink } from '../dataset/memory-files.ts';
import { EventIndex } from './event-index.ts';
import { eventsOfAll } from './event-log.ts';
import { StoreError, type RunRecord, type StoredEvents } from './run-store.ts';
import { damaged, damageError, readRecord } from './stored-data.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** A run as a dataset folder holds it. */
export interface RunFiles {
	readonly record: RunRecord;
	/** JSON text. */
	readonly pack: string;
	/** As `RunStore.events`, of one scenario or of all. */
	readonly events: (scenario?: string) => Promise<StoredEvents>;
	/** Damage that belongs to no scenario. */
	readonly strays: readonly string[];
}

/** A file's bytes by its path in the folder, `undefined` if there is none. */
export type ReadFile = (path: string) => Promise<AsyncIterable<Uint8Array> | undefined>;

/** Where the events are if all files are in one folder, as in the plain export. */
export const plainEvents = 'events.jsonl';

const advice = 'Restore it from a copy.';

/** Bytes of a record or a pack. */
const largestText = 2 ** 28;

/**
 * The run in a dataset folder or archive that Joshtree wrote.
 * @throws {StoreError} that names what is missing, and record and pack if they are damaged; damaged events are told of in `events`
 */
export async function readRunFiles(read: ReadFile): Promise<RunFiles> {
	const record = readRecord(await parsed(read, runFolder.record), runFolder.record);
	const pack = await textOf(read, runFolder.pack);
	if ((await sha256(pack)) !== record.origin.pack.hash)
		throw damageError(
			[damaged(runFolder.pack, { message: `it does not have the hash ${record.origin.pack.hash}` })],
			advice
		);
	const { file, path } = await present(read, runFolder.events, plainEvents);
	// Archives cannot be read twice: the file waits as bytes, which take a fraction of what its events would, and only some are in memory.
	const bytes = new MemorySink();
	const copy = await bytes.open(path, 'application/jsonl');
	async function* copied(): AsyncGenerator<Uint8Array> {
		for await (const piece of file) {
			await copy.write(piece);
			yield piece;
		}
	}
	const index = new EventIndex(path, record.config);
	const rest = await index.takeLines(copied());
	// An editor may have taken the last line's end.
	if (rest.length > 0) index.takeLine(rest);
	await copy.close();
	const { content } = bytes.files[0]!;
	const range = async (start: number, end: number) =>
		new Uint8Array(await content.slice(start, end).arrayBuffer());
	const eventsOf = async (scenario: string) => (await index.log(scenario, range)).read(scenario);
	return {
		record,
		pack,
		events: async (scenario) =>
			scenario === undefined ? eventsOfAll(record.config, index.strays, eventsOf) : eventsOf(scenario),
		strays: index.strays
	};
}

/**
 * Reads the files of the one run in a ZIP archive, whatever folders are around it.
 * @throws {StoreError} if it is not an archive, or holds several runs
 */
export async function openArchive(archive: Blob): Promise<ReadFile> {
	const entries = await readZip(archive);
	const byName = new Map<string, ZipEntry>();
	const twice = new Set<string>();
	/** Folders around runs, and a file by which each was found. */
	const bases = new Map<string, string>();
	for (const entry of entries) {
		const { name } = entry;
		if (byName.has(name)) twice.add(name);
		byName.set(name, entry);
		const path = runPaths.find((one) => name === one || name.endsWith(`/${one}`));
		const base = path && name.slice(0, -path.length);
		if (base !== undefined && !bases.has(base)) bases.set(base, name);
	}
	const [first, second] = bases.values();
	if (second !== undefined) throw several(first!, second);
	const [base = ''] = bases.keys();
	return async (path) => {
		const name = `${base}${path}`;
		if (twice.has(name)) throw several(name, `another ${name}`);
		return byName.get(name)?.read();
	};
}

const runPaths = [runFolder.record, runFolder.pack, runFolder.events];

function several(one: string, other: string): StoreError {
	return new StoreError(
		`This archive holds two runs: ${one} and ${other}. Which is meant cannot be told: unpack it, and choose the folder of one.`
	);
}

async function present(
	read: ReadFile,
	...paths: readonly string[]
): Promise<{ readonly file: AsyncIterable<Uint8Array>; readonly path: string }> {
	for (const path of paths) {
		const file = await read(path);
		if (file) return { file, path };
	}
	throw new StoreError(
		`There is no ${paths[0]}. Choose a dataset folder or archive that Joshtree wrote, whole and under its own names.`
	);
}

async function parsed(read: ReadFile, path: string): Promise<unknown> {
	const text = await textOf(read, path);
	try {
		return parseJson(text);
	} catch {
		const message = text === '' ? 'it is empty' : 'it is cut off, or not JSON';
		throw damageError([damaged(path, { message })], advice);
	}
}

async function textOf(read: ReadFile, path: string): Promise<string> {
	const { file } = await present(read, path);
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const piece of file) {
		if ((size += piece.length) > largestText)
			throw new StoreError(
				`${path} is larger than ${largestText / 2 ** 20} MiB, which Joshtree never writes.`
			);
		pieces.push(piece);
	}
	const text = decoded(joined(pieces));
	if (text !== undefined) return text;
	throw damageError([damaged(path, { message: 'it is not text in UTF-8' })], advice);
}
