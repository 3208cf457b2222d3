import { ModelLoadError } from '../language-model.ts';
import { readGguf, type GgufHeader } from './gguf.ts';
import { architectureOf, numberEntry, textEntry } from './header-facts.ts';

/** Files that make one model or adapter. */
export interface ChosenFiles {
	readonly kind: 'model' | 'adapter';
	/** Of the first file; the other parts of a split model have no metadata to speak of. */
	readonly header: GgufHeader;
	/** E.g. `llama`. */
	readonly architecture: string;
	/** Parts in order. */
	readonly files: readonly File[];
}

interface ReadFile {
	readonly file: File;
	readonly header: GgufHeader;
}

/**
 * Reads the headers of files that a user chose, and finds out what they are together.
 * @throws {ModelLoadError} that names the file that is wrong, or what to choose as well
 */
export async function chosenFiles(files: readonly File[]): Promise<ChosenFiles> {
	const read: ReadFile[] = [];
	for (const file of files) read.push({ file, header: await readNamed(file) });
	const [only] = read;
	if (!only) throw new ModelLoadError('No file was chosen. Choose a GGUF file.');
	const ordered = read.some(({ header }) => partsOf(header) > 1) ? inOrder(read) : [only];
	if (read.length > ordered.length) {
		throw new ModelLoadError(
			`${named(files)} are ${files.length} models. Choose one at a time, or all parts of one.`
		);
	}
	const { header, file } = ordered[0]!;
	const architecture = architectureOf(header);
	if (architecture === undefined) {
		throw new ModelLoadError(
			`${file.name} does not say which architecture its model has. Choose another conversion of the model.`
		);
	}
	return { kind: kindOf(header, file.name), header, architecture, files: ordered.map(({ file }) => file) };
}

async function readNamed(file: File): Promise<GgufHeader> {
	try {
		return await readGguf(file);
	} catch (error) {
		if (error instanceof ModelLoadError) throw new ModelLoadError(`${file.name}: ${error.message}`);
		throw new ModelLoadError(
			`${file.name} cannot be read: ${error instanceof Error ? error.message : String(error)} Choose it again.`,
			{ cause: error }
		);
	}
}

/** @throws {ModelLoadError} for what can neither talk nor change how a model talks */
function kindOf(header: GgufHeader, name: string): ChosenFiles['kind'] {
	const type = textEntry(header, 'general.type');
	if (type === 'adapter') {
		const adapter = textEntry(header, 'adapter.type');
		if (adapter === 'lora') return 'adapter';
		throw new ModelLoadError(
			`${name} is an adapter of type ${adapter ?? 'unknown'}; only LoRA adapters can be used.`
		);
	}
	if (type === 'mmproj' || architectureOf(header) === 'clip') {
		throw new ModelLoadError(
			`${name} is the part of a model that sees or hears. Choose the file of its language model.`
		);
	}
	return 'model';
}

function partsOf(header: GgufHeader): number {
	return numberEntry(header, 'split.count') ?? 1;
}

/** The parts of a split model from first to last. */
function inOrder(read: readonly ReadFile[]): ReadFile[] {
	const [one] = read as readonly [ReadFile, ...ReadFile[]];
	const count = partsOf(one.header);
	const parts = new Map<number, ReadFile>();
	for (const part of read) {
		if (!sameModel(one, part)) {
			throw new ModelLoadError(
				`${one.file.name} and ${part.file.name} are not parts of the same model. Choose all parts of one.`
			);
		}
		const number = numberEntry(part.header, 'split.no') ?? 0;
		if (number >= count)
			throw new ModelLoadError(
				`${part.file.name} says that it is part ${number + 1} of ${count}. Download it again.`
			);
		const other = parts.get(number);
		if (other) {
			throw new ModelLoadError(
				`${other.file.name} and ${part.file.name} are both part ${number + 1} of ${count}. Choose each part once.`
			);
		}
		parts.set(number, part);
	}
	const missing = missingParts(parts, count);
	if (missing.length > 0) {
		const more = count - parts.size - missing.length;
		const wanted = missing.map((number) => partName(one.file.name, number, count));
		if (more > 0) wanted.push(`${more} more`);
		const { name } = one.file;
		throw new ModelLoadError(
			read.length === 1
				? `${name} is one of ${count} parts of a model. Choose ${list(wanted)} as well.`
				: `Of ${count} parts of a model, ${list(wanted)} ${wanted.length === 1 ? 'is' : 'are'} missing. Choose all parts at once.`
		);
	}
	return [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
}

/** Missing parts that are named one by one; a model may have thousands. */
const namedParts = 10;

function missingParts(parts: ReadonlyMap<number, ReadFile>, count: number): number[] {
	const missing: number[] = [];
	for (let number = 0; number < count && missing.length < namedParts; number++)
		if (!parts.has(number)) missing.push(number);
	return missing;
}

/** Parts tell nothing of their model but how many tensors it has in all; their names, how it is called. */
function sameModel(one: ReadFile, other: ReadFile): boolean {
	const [oneName, otherName] = [partPattern.exec(one.file.name), partPattern.exec(other.file.name)];
	const tensorsOf = ({ header }: ReadFile) => numberEntry(header, 'split.tensors.count');
	return (
		partsOf(one.header) === partsOf(other.header) &&
		tensorsOf(one) === tensorsOf(other) &&
		(!oneName || !otherName || oneName[1] === otherName[1])
	);
}

/** As `gguf-split` names parts. */
const partPattern = /^(.*)-\d{5}-of-\d{5}\.gguf$/;

function partName(like: string, number: number, count: number): string {
	const prefix = partPattern.exec(like)?.[1];
	const digits = (value: number) => String(value).padStart(5, '0');
	return prefix === undefined
		? `part ${number + 1}`
		: `${prefix}-${digits(number + 1)}-of-${digits(count)}.gguf`;
}

/** A file's name without its ending and part number. */
export function bareName(name: string): string {
	return partPattern.exec(name)?.[1] ?? name.replace(/\.gguf$/i, '');
}

function named(files: readonly File[]): string {
	return list(files.map(({ name }) => name));
}

function list(words: readonly string[]): string {
	return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
