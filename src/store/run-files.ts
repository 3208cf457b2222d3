import { Unzip, UnzipInflate } from 'fflate';
import { parseJson } from '../base/json-read.ts';
import { runFolder } from '../harvest/folder.ts';
import { StoreError, type RunRecord, type ScenarioEvent } from './run-store.ts';
import { readRecord, readScenarioEvent } from './stored-data.ts';

/** A run as a dataset folder holds it. */
export interface RunFiles {
	readonly record: RunRecord;
	/** JSON text. */
	readonly pack: string;
	readonly events: readonly ScenarioEvent[];
}

/**
 * The run in a dataset folder or archive that Joshtree wrote.
 * @param read gives a file's text by its path in the folder, `undefined` if there is none
 * @throws {StoreError} that names what is missing or damaged
 */
export async function readRunFiles(
	read: (path: string) => Promise<string | undefined> | string | undefined
): Promise<RunFiles> {
	const text = async (path: string): Promise<string> => {
		const found = await read(path);
		if (found !== undefined) return found;
		throw new StoreError(
			`There is no ${path}. Choose a dataset folder or archive that Joshtree wrote, whole and under its own names.`
		);
	};
	const record = readRecord(parsed(await text(runFolder.record), runFolder.record), runFolder.record);
	const lines = (await text(runFolder.events)).split('\n').filter((line) => line !== '');
	const events = lines.map((line, index) => {
		const where = `${runFolder.events}, line ${index + 1},`;
		return readScenarioEvent(parsed(line, where), where);
	});
	return { record, pack: await text(runFolder.pack), events };
}

/**
 * The texts of some files of a ZIP archive, by path; folders around all of it do not matter.
 * @throws {StoreError} if it is no archive
 */
export async function unzipTexts(archive: Blob, wanted: readonly string[]): Promise<Map<string, string>> {
	const found = new Map<string, Uint8Array[]>();
	const unzip = new Unzip((file) => {
		const path = wanted.find((one) => file.name === one || file.name.endsWith(`/${one}`));
		if (path === undefined || found.has(path)) return;
		const pieces: Uint8Array[] = [];
		found.set(path, pieces);
		file.ondata = (error, piece) => {
			if (error) throw error;
			pieces.push(piece);
		};
		file.start();
	});
	unzip.register(UnzipInflate);
	try {
		const start = new Uint8Array(await archive.slice(0, 2).arrayBuffer());
		if (String.fromCharCode(...start) !== 'PK') throw new Error('it does not begin like one');
		for await (const piece of archive.stream() as unknown as AsyncIterable<Uint8Array>) unzip.push(piece);
		unzip.push(new Uint8Array(0), true);
	} catch (error) {
		throw new StoreError(
			`This is no ZIP archive that can be read: ${error instanceof Error ? error.message : String(error)}. Choose an archive that Joshtree wrote.`,
			{ cause: error }
		);
	}
	const decode = (pieces: readonly Uint8Array[]) => new Blob(pieces as Uint8Array<ArrayBuffer>[]).text();
	return new Map(
		await Promise.all([...found].map(async ([path, pieces]) => [path, await decode(pieces)] as const))
	);
}

function parsed(text: string, where: string): unknown {
	try {
		return parseJson(text);
	} catch (error) {
		throw new StoreError(`${where} is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
			cause: error
		});
	}
}
