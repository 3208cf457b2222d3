import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import dataset from '../../src/cli/dataset/dataset.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { deskConfig, deskService } from '../run/desk-run.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let run: string;
let printed: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'joshtree-test-'));
	run = join(folder, 'run');
	const service = deskService(new FolderStore(new NodeFiles(run)));
	const { id } = await service.create(deskConfig());
	await service.start(id, { workers: 1 });
	vi.spyOn(console, 'log').mockImplementation((text: string) => void (printed += `${text}\n`));
});
beforeEach(() => {
	printed = '';
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All files below a folder, by path. */
async function filesBelow(path: string): Promise<Record<string, string>> {
	const names = await readdir(path, { recursive: true });
	const found: Record<string, string> = {};
	for (const name of names.toSorted())
		if ((await stat(join(path, name))).isFile()) found[name] = await readFile(join(path, name), 'utf8');
	return found;
}

const at = (name: string) => join(folder, name);

test('a run’s folder, the dataset folder made of it and an archive of that give the same dataset', async () => {
	expect(await dataset(['--run', run, '--out', at('first')])).toBe(0);
	expect(printed).toContain(`Written to ${at('first')}`);
	expect(printed).toContain('trl sft');
	expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toMatchObject({ scenarios: 5 });
	const first = await filesBelow(at('first'));
	expect(Object.keys(first)).toEqual(
		expect.arrayContaining(['README.md', 'kto/train-00000-of-00001.jsonl', 'run/manifest.json'])
	);
	expect(Object.keys(first).filter((name) => name.endsWith('.partial'))).toEqual([]);

	expect(await dataset(['--run', run, '--out', at('second')])).toBe(0);
	expect(await filesBelow(at('second'))).toEqual(first);

	expect(await dataset(['--run', at('first'), '--out', at('third')])).toBe(0);
	expect(await filesBelow(at('third'))).toEqual(first);

	const bytes = Object.entries(first).map(([name, text]) => [
		`first/${name}`,
		new TextEncoder().encode(text)
	]);
	await writeFile(at('first.zip'), zipSync(Object.fromEntries(bytes) as Record<string, Uint8Array>));
	expect(await dataset(['--run', at('first.zip'), '--out', at('fourth')])).toBe(0);
	expect(await filesBelow(at('fourth'))).toEqual(first);
});

test('--check tells what it finds and writes nothing', async () => {
	const before = await filesBelow(folder);
	expect(await dataset(['--run', run, '--check', '--formats', 'openai,trl-kto', '--per-scenario', '3'])).toBe(
		0
	);
	expect(printed).toMatch(/Checked \d+ examples with the template of /);
	expect(printed).not.toContain('Written');
	expect(await filesBelow(folder)).toEqual(before);
});

test('only what is asked for is written', async () => {
	await dataset(['--run', run, '--out', at('some'), '--formats', 'llamafactory', '--test-share', '0']);
	const top = await readdir(at('some'));
	expect(top.sort()).toEqual(['README.md', 'llamafactory', 'run']);
});

test('a target is a folder of files; its refusals keep rows from being written', async () => {
	await mkdir(at('target'));
	await writeFile(join(at('target'), 'chat_template.jinja'), "{{ raise_exception('no') }}");
	expect(await dataset(['--run', run, '--check', '--target', at('target')])).toBe(1);
	expect(printed).toContain('error: the chat template refuses the conversation');
	expect(printed).toMatch(/SFT examples +0/);
	expect(await dataset(['--run', run, '--out', at('refused'), '--target', at('target')])).toBe(0);
});

test.each([
	['nothing', [], /--run is needed/],
	['no place', ['--run', 'RUN'], /Either --out, .* or --check/],
	['two wishes', ['--run', 'RUN', '--out', 'x', '--check'], /Either --out, .* or --check/],
	['a run that is not there', ['--run', '/none', '--check'], /there is nothing at \/none/],
	['a folder without a run', ['--run', 'EMPTY', '--check'], /holds no run/],
	['a folder that is not empty', ['--run', 'RUN', '--out', 'RUN'], /is not empty. Nothing was changed/],
	['a format that is not there', ['--run', 'RUN', '--check', '--formats', 'csv'], /there is no "csv"/],
	['a number out of range', ['--run', 'RUN', '--check', '--test-share', '2'], /--test-share takes 0 to 1/],
	[
		'a name that no template has for thoughts',
		['--run', 'RUN', '--check', '--thoughts', 'think'],
		/--thoughts takes leave out, reasoning_content, thinking/
	],
	[
		'a word out of place',
		['--run', 'RUN', '--check', '--order', 'random'],
		/--order takes shuffled, as harvested/
	],
	['a target that is not there', ['--run', 'RUN', '--check', '--target', '/none'], /nothing at \/none/],
	['a target without files', ['--run', 'RUN', '--check', '--target', 'EMPTY'], /has none of tokenizer.json/]
])('%s is refused in words', async (_, args, words) => {
	await mkdir(at('empty'), { recursive: true });
	const places: Record<string, string> = { RUN: run, EMPTY: at('empty') };
	const failure = await dataset(args.map((arg) => places[arg] ?? arg)).then(
		() => undefined,
		(error: Error) => error
	);
	expect(failure).toMatchObject({ name: 'UsageError', message: expect.stringMatching(words) as unknown });
});

test('a file that is not an archive is refused in words', async () => {
	await writeFile(at('text'), 'no archive');
	await expect(dataset(['--run', at('text'), '--check'])).rejects.toThrow(/no ZIP archive/);
});

test('--help lists the flags', async () => {
	expect(await dataset(['--help'])).toBe(0);
	expect(printed).toContain('--similarity');
});
