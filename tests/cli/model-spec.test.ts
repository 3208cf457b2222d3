import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	checkFiles,
	filesOf,
	folderName,
	readModelSpec,
	specText,
	type ModelSpec
} from '../../src/cli/model-spec.ts';
import { temporaryFolder } from '../e2e/support/temporary.ts';

const read = (text: string) => readModelSpec('--agent-model', text);

const visible = fc.string({ minLength: 1 }).filter((text) => text.trim() === text);
const segment = fc.stringMatching(/^[\w.# :-]{1,12}$/);
const specs: fc.Arbitrary<ModelSpec> = fc.oneof(
	fc.constantFrom('embedded', 'embedded-josh').map((name) => ({ kind: 'shipped', name }) as const),
	fc
		.array(segment, { minLength: 1 })
		.map((parts) => ({ kind: 'file', path: `./${parts.join('/')}` }) as const),
	fc.stringMatching(/^[\w.-]{1,40}$/).map((id) => ({ kind: 'webllm', id }) as const),
	fc
		.tuple(
			fc.constantFrom('http', 'https', 'HTTP'),
			fc.domain(),
			fc.constantFrom('', ':8000', '/v1', '/a/b/'),
			visible
		)
		.map(
			([scheme, host, rest, name]) =>
				({ kind: 'server', address: `${scheme}://${host}${rest}`, name }) as const
		)
);
const beginnings = fc.constantFrom('', 'webllm:', 'http://', 'https://host/v1#', 'http:', 'x://', 'C:');

test('what names a model is read as that model', () => {
	fc.assert(
		fc.property(specs, (spec) => {
			expect(read(specText(spec))).toEqual(spec);
		})
	);
});

test('any text names a model, by itself again, or is refused with the flag', () => {
	fc.assert(
		fc.property(beginnings, fc.string(), (beginning, rest) => {
			const text = beginning + rest;
			let spec: ModelSpec;
			try {
				spec = read(text);
			} catch (error) {
				expect(error).toMatchObject({
					name: 'UsageError',
					message: expect.stringContaining('--agent-model')
				});
				return;
			}
			expect(read(specText(spec))).toEqual(spec);
		})
	);
});

test.each([
	'mine.gguf',
	'../models/a#b.gguf',
	'C:\\models\\mine.gguf',
	'c:/models/mine.gguf',
	'D://mine.gguf',
	'~/x.gguf',
	'http.gguf',
	'./embedded',
	'embedded.gguf',
	'webllm.gguf',
	'localhost:8000#name'
])('%s is a path', (path) => {
	expect(read(path)).toEqual({ kind: 'file', path });
});

test('the name on a server is all behind the first #, as it stands', () => {
	expect(read('http://localhost:8000/v1#Qwen/Qwen3-8B:q4#2 %20')).toEqual({
		kind: 'server',
		address: 'http://localhost:8000/v1',
		name: 'Qwen/Qwen3-8B:q4#2 %20'
	});
});

test.each([
	['', 'needs a model'],
	[' ', 'needs a model'],
	['webllm:', 'names no model of web-llm'],
	['webllm:a b', 'names no model of web-llm'],
	['http://localhost:8000/v1', 'Write http://localhost:8000/v1#NAME; http://localhost:8000/v1/models lists'],
	['http://localhost:8000#', 'Write http://localhost:8000#NAME; http://localhost:8000/v1/models lists'],
	['https://huggingface.co/a/b/resolve/main/c.gguf', 'Download it'],
	['https://me:secret@host/v1#x', 'Give the key by itself'],
	['http:#x', 'begin with http:// or https://'],
	['http://#x', 'not the address of a server'],
	['ftp://host/x.gguf', 'begin with http:// or https://'],
	['hf://owner/name', 'begin with http:// or https://']
])('%j is refused', (text, complaint) => {
	expect(() => read(text)).toThrow(complaint);
});

test('a split model is had by any of its parts', () => {
	const parts = ['a/m-00001-of-00003.gguf', 'a/m-00002-of-00003.gguf', 'a/m-00003-of-00003.gguf'];
	for (const part of parts) {
		expect(filesOf(part)).toEqual(parts);
		expect(folderName({ kind: 'file', path: part })).toBe('m');
	}
	expect(filesOf('m-00001-of-00000.gguf')).toEqual(['m-00001-of-00000.gguf']);
	expect(filesOf('m-1-of-3.gguf')).toEqual(['m-1-of-3.gguf']);
});

test('a file, or a part of one, that is not there is named', async () => {
	const folder = await temporaryFolder();
	const at = (name: string) => ({ kind: 'file', path: join(folder, name) }) as const;
	const check = (name: string) => () => checkFiles('--user-model', at(name));
	for (const name of ['whole.gguf', 'm-00001-of-00002.gguf']) writeFileSync(join(folder, name), 'GGUF');
	mkdirSync(join(folder, 'Qwen3'));
	expect(check('whole.gguf')).not.toThrow();
	expect(check('none.gguf')).toThrow(/^--user-model .*none\.gguf cannot be read: there is no such file\./);
	expect(check('Qwen3')).toThrow('is not a file. Name a GGUF file.');
	expect(check('m-00001-of-00002.gguf')).toThrow(/its part .*m-00002-of-00002\.gguf is missing/);
});
