import { ModelLoadError } from '../language-model.ts';

/** A metadata value of a GGUF file. 64-bit integers are read as numbers. */
export type GgufValue = number | boolean | string | readonly GgufValue[];

/** What stands before the weights of a GGUF file. */
export interface GgufHeader {
	readonly version: number;
	readonly metadata: ReadonlyMap<string, GgufValue>;
	readonly tensors: readonly GgufTensor[];
}

export interface GgufTensor {
	readonly name: string;
	readonly shape: readonly number[];
	/** ggml's number for how the weights are stored. */
	readonly type: number;
	/** Bytes from the start of the file. */
	readonly offset: number;
}

/** The storage types that need no quantising; `wllama` computes these to the bit whatever its cache held. */
export const ggmlFloat = { f32: 0, f16: 1 } as const;

/** [weights, bytes] of one block of the storage types in common use; others are not checked for length. */
const blockSizes: Readonly<Record<number, readonly [number, number]>> = {
	0: [1, 4], // F32
	1: [1, 2], // F16
	2: [32, 18], // Q4_0
	3: [32, 20], // Q4_1
	6: [32, 22], // Q5_0
	7: [32, 24], // Q5_1
	8: [32, 34], // Q8_0
	10: [256, 84], // Q2_K
	11: [256, 110], // Q3_K
	12: [256, 144], // Q4_K
	13: [256, 176], // Q5_K
	14: [256, 210], // Q6_K
	20: [32, 18], // IQ4_NL
	23: [256, 136], // IQ4_XS
	30: [1, 2] // BF16
};

/** No known file comes near these; a corrupt one passes them at once. */
const limits = { entries: 1 << 16, array: 1 << 24, string: 1 << 26, header: 1 << 28 };

/**
 * Reads and checks the header of a GGUF file: magic, version, every entry, and that the file is long enough for
 * the weights it announces. llama.cpp in WASM does not refuse a broken file, so this does; it also refuses numbers that no model
 * has, before anybody counts up to them.
 *
 * @throws {ModelLoadError} that says what is wrong and what to do about it
 */
export async function readGguf(file: Blob): Promise<GgufHeader> {
	const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
	const magic = String.fromCharCode(...start);
	if (magic !== 'GGUF') throw new ModelLoadError(whatInstead(magic, file.size));
	for (let length = 1 << 20; ; length *= 4) {
		const bytes = await file.slice(0, length).arrayBuffer();
		try {
			const header = parseHeader(new DataView(bytes));
			checkFacts(header);
			checkLength(header, file.size);
			return header;
		} catch (error) {
			if (!(error instanceof NeedMore)) throw error;
			if (bytes.byteLength === file.size) throw truncated('its header is cut off');
			if (length >= limits.header) throw corrupt('its header has no end');
		}
	}
}

/** The bytes that were read do not reach as far as the header does. */
class NeedMore extends Error {}

class Cursor {
	at = 0;
	readonly #view: DataView;

	constructor(view: DataView) {
		this.#view = view;
	}

	/** Where the next `length` bytes start; moves past them. */
	#take(length: number): number {
		const at = this.at;
		if (at + length > this.#view.byteLength) throw new NeedMore();
		this.at += length;
		return at;
	}

	u32(): number {
		return this.#view.getUint32(this.#take(4), true);
	}

	u64(): number {
		return Number(this.#view.getBigUint64(this.#take(8), true));
	}

	/** A length or a count. */
	size(limit: number, what: string): number {
		const size = this.u64();
		if (size > limit) throw corrupt(`it announces ${size} ${what}`);
		return size;
	}

	string(): string {
		const length = this.size(limits.string, 'bytes of text in one entry');
		return utf8.decode(new Uint8Array(this.#view.buffer, this.#take(length), length));
	}

	value(type: number): GgufValue {
		switch (type) {
			case 0:
				return this.#view.getUint8(this.#take(1));
			case 1:
				return this.#view.getInt8(this.#take(1));
			case 2:
				return this.#view.getUint16(this.#take(2), true);
			case 3:
				return this.#view.getInt16(this.#take(2), true);
			case 4:
				return this.u32();
			case 5:
				return this.#view.getInt32(this.#take(4), true);
			case 6:
				return this.#view.getFloat32(this.#take(4), true);
			case 7:
				return this.#view.getUint8(this.#take(1)) !== 0;
			case 8:
				return this.string();
			case 9: {
				const inner = this.u32();
				if (inner === 9) throw corrupt('it nests lists');
				const length = this.size(limits.array, 'items in one list');
				const items: GgufValue[] = [];
				for (let i = 0; i < length; i++) items.push(this.value(inner));
				return items;
			}
			case 10:
				return this.u64();
			case 11:
				return Number(this.#view.getBigInt64(this.#take(8), true));
			case 12:
				return this.#view.getFloat64(this.#take(8), true);
			default:
				throw corrupt(`it has a metadata entry of unknown type ${type}`);
		}
	}
}

const utf8 = new TextDecoder();

function parseHeader(view: DataView): GgufHeader {
	const cursor = new Cursor(view);
	cursor.u32(); // the magic, checked before
	const version = cursor.u32();
	if (version !== 2 && version !== 3) {
		throw new ModelLoadError(
			`This is a GGUF file of version ${version}; versions 2 and 3 can be read. Download a newer conversion of the model.`
		);
	}
	const tensorCount = cursor.size(limits.entries, 'tensors');
	const entryCount = cursor.size(limits.entries, 'metadata entries');
	const metadata = new Map<string, GgufValue>();
	for (let i = 0; i < entryCount; i++) metadata.set(cursor.string(), cursor.value(cursor.u32()));
	const relative: GgufTensor[] = [];
	for (let i = 0; i < tensorCount; i++) {
		const name = cursor.string();
		const dimensions = cursor.u32();
		if (dimensions > 8) throw corrupt(`its tensor ${name} has ${dimensions} dimensions`);
		const shape = Array.from({ length: dimensions }, () => cursor.u64());
		relative.push({ name, shape, type: cursor.u32(), offset: cursor.u64() });
	}
	const declared = metadata.get('general.alignment');
	const alignment = declared ?? 32;
	if (typeof alignment !== 'number' || !isWhole(Math.log2(alignment), 0, 20))
		throw corrupt(`it aligns its weights to ${String(declared)} bytes`);
	const start = Math.ceil(cursor.at / alignment) * alignment;
	return {
		version,
		metadata,
		tensors: relative.map((tensor) => ({ ...tensor, offset: start + tensor.offset }))
	};
}

/** Numbers that are counted up to or computed with: by whom, and between which bounds they make sense. */
const counts: readonly (readonly [string, number, number])[] = [
	// 16 bits by the specification; 0 where parts were joined.
	['split.count', 0, 0xffff],
	['split.no', 0, 0xfffe],
	// llama.cpp counts tokens in 32 bits, and takes what is more for less than nothing.
	['{arch}.context_length', 1, 0x7fff_ffff],
	['{arch}.block_count', 1, 0xffff],
	['{arch}.embedding_length', 1, 1 << 24],
	['{arch}.attention.head_count', 0, 1 << 16],
	['{arch}.attention.key_length', 1, 1 << 16],
	['{arch}.attention.value_length', 1, 1 << 16]
];

function checkFacts({ metadata }: GgufHeader): void {
	const architecture = String(metadata.get('general.architecture'));
	for (const [pattern, least, most] of counts) {
		const key = pattern.replace('{arch}', architecture);
		const value = metadata.get(key);
		// Some architectures have a number for each layer.
		if (value === undefined || Array.isArray(value)) continue;
		if (typeof value !== 'number' || !isWhole(value, least, most))
			throw corrupt(`its ${key} is ${String(value)}, not a whole number from ${least} to ${most}`);
	}
	for (const [key, value] of metadata)
		if (typeof value === 'number' && !Number.isFinite(value)) throw corrupt(`its ${key} is ${value}`);
}

function isWhole(value: number, least: number, most: number): boolean {
	return Number.isInteger(value) && value >= least && value <= most;
}

function checkLength({ metadata, tensors }: GgufHeader, size: number): void {
	// The first part of a split model may hold metadata only.
	if (tensors.length === 0 && !metadata.has('split.count')) throw corrupt('it has no weights');
	for (const { name, shape, type, offset } of tensors) {
		const count = shape.reduce((product, length) => product * length, 1);
		const [weights, bytes] = blockSizes[type] ?? [1, 0];
		const end = offset + Math.ceil(count / weights) * bytes;
		if (!(end <= size)) throw truncated(`${name} ends at byte ${end}, the file at ${size}`);
	}
}

function truncated(detail: string): ModelLoadError {
	return new ModelLoadError(`The model file is incomplete: ${detail}. Download it again.`);
}

function corrupt(detail: string): ModelLoadError {
	return new ModelLoadError(`The model file is damaged: ${detail}. Download it again.`);
}

function whatInstead(magic: string, size: number): string {
	if (size === 0) return 'The model file is empty. Choose a GGUF file.';
	if (/^\s*</.test(magic)) {
		return 'This is a web page, not a GGUF model file: the address of the model is wrong, or the file is missing there.';
	}
	if (magic.startsWith('PK')) return 'This is a ZIP archive, not a GGUF model file. Unpack it first.';
	if (magic === 'vers')
		return 'This is a Git LFS pointer, not the GGUF model file itself. Fetch the file (git lfs pull).';
	return 'This is not a GGUF model file (it does not start with "GGUF"). Choose a file that ends in .gguf.';
}
