import { describe, expect, it } from 'vitest';
import { chosenFiles } from '../../../src/models/wllama/chosen-files.ts';
import { tinyAdapter, tinyGguf, tinyGgufParts, type Changes } from '../fixtures/tiny-gguf.ts';

const file = (name: string, bytes: Uint8Array<ArrayBuffer>) => new File([bytes], name);
const parts = (prefix: string, count: number, changes?: Changes) =>
	tinyGgufParts(count, changes).map((bytes, i) => file(`${prefix}-0000${i + 1}-of-0000${count}.gguf`, bytes));
const names = (files: readonly File[]) => files.map(({ name }) => name);

describe('one file', () => {
	it('is a model', async () => {
		const { kind, architecture, files } = await chosenFiles([file('tiny.gguf', tinyGguf())]);
		expect({ kind, architecture, files: names(files) }).toEqual({
			kind: 'model',
			architecture: 'llama',
			files: ['tiny.gguf']
		});
	});

	it('is a LoRA adapter', async () => {
		expect((await chosenFiles([file('lora.gguf', tinyAdapter())])).kind).toBe('adapter');
	});

	it.each([
		['no GGUF', file('cat.jpg', new Uint8Array(100)), /^cat\.jpg: This is not a GGUF model file/],
		['cut off', file('half.gguf', tinyGguf().slice(0, 200_000)), /^half\.gguf: .* incomplete/],
		[
			'another kind of adapter',
			file('x.gguf', tinyAdapter({ 'adapter.type': { string: 'control_vector' } })),
			/x\.gguf is an adapter of type control_vector; only LoRA/
		],
		[
			'eyes and ears',
			file('mmproj.gguf', tinyGguf({ 'general.architecture': { string: 'clip' } })),
			/mmproj\.gguf .* sees or hears/
		],
		[
			'one of four thousand million parts',
			file('x.gguf', tinyGguf({ 'split.count': { u32: 4_000_000_000 } })),
			/^x\.gguf: .*damaged: its split\.count is 4000000000/
		],
		[
			'of no architecture',
			file('x.gguf', tinyGguf({ 'general.architecture': undefined })),
			/x\.gguf does not say which architecture/
		]
	])('is refused if it is %s', async (_, chosen, message) => {
		await expect(chosenFiles([chosen])).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});
});

describe('several files', () => {
	it('are put in order', async () => {
		const [one, two, three] = parts('tiny', 3) as [File, File, File];
		const chosen = await chosenFiles([three, one, two]);
		expect(chosen.files).toEqual([one, two, three]);
		expect(chosen.header.metadata.get('general.name')).toBe('Tiny random');
	});

	it('are put in order by what is in them, whatever they are called', async () => {
		const [one, two] = tinyGgufParts(2).map((bytes, i) => file(`download (${2 - i})`, bytes)) as [File, File];
		expect((await chosenFiles([two, one])).files).toEqual([one, two]);
	});

	it('say which is missing', async () => {
		const [one, , three] = parts('tiny', 3) as [File, File, File];
		await expect(chosenFiles([three, one])).rejects.toThrow(
			'Of 3 parts of a model, tiny-00002-of-00003.gguf is missing. Choose all parts at once.'
		);
	});

	it('say what to choose as well as a single one', async () => {
		await expect(chosenFiles([parts('tiny', 3)[1]!])).rejects.toThrow(
			'tiny-00002-of-00003.gguf is one of 3 parts of a model. Choose tiny-00001-of-00003.gguf and tiny-00003-of-00003.gguf as well.'
		);
		await expect(chosenFiles([file('download', tinyGgufParts(2)[1]!)])).rejects.toThrow(
			'download is one of 2 parts of a model. Choose part 1 as well.'
		);
	});

	it('say that thousands are missing without a list of them', async () => {
		const part = file(
			'a-00001-of-60000.gguf',
			tinyGguf({ 'split.count': { u16: 60_000 }, 'split.no': { u16: 0 } })
		);
		await expect(chosenFiles([part])).rejects.toThrow(
			/^a-00001-of-60000\.gguf is one of 60000 parts .* a-00011-of-60000\.gguf and 59989 more as well\.$/
		);
	});

	it.each([
		[
			'beyond their count',
			[file('a.gguf', tinyGguf({ 'split.count': { u16: 2 }, 'split.no': { u16: 2 } }))],
			/a\.gguf says that it is part 3 of 2/
		],
		[
			'called differently',
			[parts('a', 2)[0]!, parts('b', 2)[1]!],
			/a-00001.* and b-00002.* not parts of the same/
		],
		['of other numbers', [parts('a', 2)[0]!, parts('a', 3)[1]!], /not parts of the same/],
		['and a whole model', [parts('a', 2)[0]!, file('whole.gguf', tinyGguf())], /not parts of the same/],
		['twice the same', [parts('a', 2)[0]!, parts('a', 2)[0]!], /both part 1 of 2/],
		[
			'that are whole models',
			[file('a.gguf', tinyGguf()), file('b.gguf', tinyGguf())],
			/a\.gguf and b\.gguf are 2 models\. Choose one/
		],
		['that do not exist', [], /No file was chosen/]
	])('are refused if they are parts %s', async (_, files, message) => {
		await expect(chosenFiles(files)).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});
});
