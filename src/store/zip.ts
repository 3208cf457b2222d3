import { Inflate } from 'fflate';
import { piecesOf } from '../base/bytes.ts';
import { crc32 } from '../base/crc32.ts';
import { StoreError } from './run-store.ts';

/** One file in an archive. */
export interface ZipEntry {
	/** With `/` between folders, whatever the archive has there. */
	readonly name: string;
	/** Bytes, as the archive says. */
	readonly size: number;
	/**
	 * The file in pieces. Whether it is whole, and has the archive's checksum, is known at its end.
	 * @throws {StoreError} if it is damaged, encrypted, or larger than `largestEntry`
	 */
	read(): AsyncIterable<Uint8Array>;
}

/** Bytes of a file that is read from an archive, unpacked. What is larger would not fit into a tab. */
export const largestEntry = 2 ** 30;

/** Bytes of an archive's directory: some hundred thousand files. */
const largestDirectory = 2 ** 26;

const advice = 'Choose an archive that Joshtree wrote, or its unpacked folder.';

/**
 * The files in a ZIP archive, by its directory at the end: unlike what stands before each file, that gives all sizes and checksums.
 * @throws {StoreError} if it is not an archive, or a kind of archive that is not read here
 */
export async function readZip(archive: Blob): Promise<ZipEntry[]> {
	const { start, length, before } = await findDirectory(archive);
	if (length > largestDirectory) throw new StoreError(`This archive holds too many files. ${advice}`);
	const view = await viewOf(archive, before + start, length);
	const entries: ZipEntry[] = [];
	for (let at = 0; at < length;) {
		if (at + 46 > length || view.getUint32(at, true) !== signatures.entry)
			throw damagedArchive('its directory cannot be read');
		const nameLength = view.getUint16(at + 28, true);
		const extraLength = view.getUint16(at + 30, true);
		const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
		if (next > length) throw damagedArchive('its directory cannot be read');
		const name = names.decode(bytesOf(view, at + 46, nameLength)).replaceAll('\\', '/');
		const large = largeFields(view, at + 46 + nameLength, extraLength);
		const field = (offset: number) => {
			const value = view.getUint32(at + offset, true);
			return value === unknown32 ? large() : value;
		};
		// In the order in which they move to the extra fields of large archives.
		const size = field(24);
		const packed = field(20);
		const offset = field(42);
		const stored: StoredFile = {
			name,
			size,
			packed,
			at: before + offset,
			checksum: view.getUint32(at + 16, true),
			method: view.getUint16(at + 10, true),
			isEncrypted: (view.getUint16(at + 8, true) & 1) === 1
		};
		entries.push({ name, size, read: () => unpack(archive, stored) });
		at = next;
	}
	return entries;
}

interface StoredFile {
	readonly name: string;
	readonly size: number;
	/** Bytes in the archive. */
	readonly packed: number;
	/** Where its header begins. */
	readonly at: number;
	readonly checksum: number;
	readonly method: number;
	readonly isEncrypted: boolean;
}

const signatures = {
	entry: 0x02014b50,
	file: 0x04034b50,
	end: 0x06054b50,
	end64: 0x06064b50,
	locator64: 0x07064b50
};
const unknown16 = 0xffff;
const unknown32 = 0xffffffff;
const endSize = 22;
const names = new TextDecoder();

interface Directory {
	readonly start: number;
	readonly length: number;
	/** Bytes before the archive's own first. */
	readonly before: number;
}

async function findDirectory(archive: Blob): Promise<Directory> {
	// Behind the end there may be a comment, and whatever a transfer added.
	const tailStart = Math.max(0, archive.size - endSize - unknown16);
	const tail = await viewOf(archive, tailStart, archive.size - tailStart);
	let isCut = false;
	for (let at = tail.byteLength - endSize; at >= 0; at--) {
		if (tail.getUint32(at, true) !== signatures.end) continue;
		if (tail.getUint16(at + 4, true) !== 0 && tail.getUint16(at + 4, true) !== unknown16)
			throw unreadable('it is one part of several');
		const length = tail.getUint32(at + 12, true);
		const start = tail.getUint32(at + 16, true);
		const isLarge = [tail.getUint16(at + 10, true) === unknown16, length === unknown32, start === unknown32];
		if (isLarge.includes(true)) {
			const large = await findLargeDirectory(archive, tailStart + at);
			if (large) return large;
		}
		const before = tailStart + at - length - start;
		if (before >= 0) return { start, length, before };
		isCut = true;
	}
	if (isCut) throw damagedArchive('its beginning is missing');
	throw unreadable(archive.size === 0 ? 'it is empty' : 'its end is missing');
}

/** The directory of a ZIP64 archive. @param end where the classic end record is */
async function findLargeDirectory(archive: Blob, end: number): Promise<Directory | undefined> {
	if (end < 20) return undefined;
	const locator = await viewOf(archive, end - 20, 20);
	if (locator.getUint32(0, true) !== signatures.locator64) return undefined;
	const at = Number(locator.getBigUint64(8, true));
	const record = await viewOf(archive, at, 56);
	if (record.getUint32(0, true) !== signatures.end64) throw damagedArchive('its directory cannot be read');
	const length = Number(record.getBigUint64(40, true));
	const start = Number(record.getBigUint64(48, true));
	if (start + length > archive.size) throw damagedArchive('its directory cannot be read');
	return { start, length, before: 0 };
}

/** Gives one after the other the numbers that did not fit into an entry's own fields. */
function largeFields(view: DataView, start: number, length: number): () => number {
	let at = start;
	while (at + 4 <= start + length && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
	at += 4;
	return () => {
		if (at + 8 > start + length) throw damagedArchive('its directory cannot be read');
		const value = Number(view.getBigUint64(at, true));
		at += 8;
		return value;
	};
}

async function* unpack(archive: Blob, file: StoredFile): AsyncGenerator<Uint8Array, void, void> {
	const { name, size, packed, at, checksum, method, isEncrypted } = file;
	const unpackFirst = 'Unpack the archive, and choose the folder.';
	if (isEncrypted) throw new StoreError(`${name} is encrypted. ${unpackFirst}`);
	if (method !== 0 && method !== 8)
		throw new StoreError(`${name} is packed by a method (${method}) that is not read here. ${unpackFirst}`);
	if (size > largestEntry)
		throw new StoreError(
			`${name} has ${(size / 2 ** 30).toFixed(1)} GiB unpacked; more than ${largestEntry / 2 ** 30} GiB is not read from an archive. ${unpackFirst}`
		);
	const header = await viewOf(archive, at, 30);
	if (header.getUint32(0, true) !== signatures.file)
		throw damagedArchive(`${name} is not where the directory says`);
	const start = at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
	if (start + packed > archive.size) throw damagedArchive(`${name} is cut off`);

	let length = 0;
	let sum = 0;
	const stored = piecesOf(archive.slice(start, start + packed), step);
	for await (const piece of method === 8 ? inflated(stored, name) : stored) {
		length += piece.length;
		if (length > size) throw damagedArchive(`${name} is larger than the directory says`);
		sum = crc32(piece, sum);
		yield piece;
	}
	if (length < size) throw damagedArchive(`${name} is cut off`);
	if (sum !== checksum) throw damagedArchive(`${name} does not have the checksum (CRC-32) of the directory`);
}

/** Bytes that are unpacked at once: a thousand times as many may come of them. */
const step = 2 ** 14;

async function* inflated(
	pieces: AsyncIterable<Uint8Array>,
	name: string
): AsyncGenerator<Uint8Array, void, void> {
	let ready: Uint8Array[] = [];
	const inflate = new Inflate((piece) => ready.push(piece));
	const push = (piece: Uint8Array, isLast: boolean) => {
		try {
			inflate.push(piece, isLast);
		} catch (error) {
			throw damagedArchive(
				`${name} cannot be unpacked (${error instanceof Error ? error.message : String(error)})`
			);
		}
	};
	for await (const piece of pieces) {
		push(piece, false);
		yield* ready;
		ready = [];
	}
	push(new Uint8Array(), true);
	yield* ready;
}

async function viewOf(archive: Blob, start: number, length: number): Promise<DataView> {
	if (start + length > archive.size) throw damagedArchive('it is cut off');
	return new DataView(await archive.slice(start, start + length).arrayBuffer());
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

function unreadable(problem: string): StoreError {
	return new StoreError(`This is no ZIP archive that can be read: ${problem}. ${advice}`);
}

function damagedArchive(problem: string): StoreError {
	return new StoreError(`This archive is damaged: ${problem}. Get it again.`);
}
