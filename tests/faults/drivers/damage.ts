import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import dataset from '../../../src/cli/dataset/dataset.ts';
import { NodeFiles } from '../../../src/cli/node-files.ts';
import { openRunFolder } from '../../../src/cli/run-folder.ts';
import type { HarvestSummary } from '../../../src/run/dataset-service.ts';
import { FolderStore } from '../../../src/store/folder-store.ts';
import { deskConfig, deskService, packText } from '../../run/desk-run.ts';
import type { FaultDriver } from '../fault-case.ts';

/** What is done to a file of the run, one thing after the other. Lines are counted from 1. */
type Edit =
	| { readonly line: number; readonly by: 'nuls' | 'nothing' | 'blank' | 'half' | 'not UTF-8' }
	| { readonly line: number; readonly replace: readonly [text: string, by: string] }
	| { readonly again: number; readonly replace: readonly [text: string, by: string] }
	| { readonly cut: number };

/**
 * Harvests five scenarios (c, a, e, b, d), damages the files as `damage.json` says, and looks at what is left: with `npm run dataset`, in
 * the run's folder and in a dataset folder, as the page's export, and as `npm run harvest` and `npm run demo`, which would write there.
 * Gives, for each way of damage, how many scenarios are left, what is said, and the exit code.
 */
const damage: FaultDriver = async (fault) => {
	const ways = JSON.parse(fault.text('damage.json')) as Record<string, readonly Edit[]>;
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-damage-'));
	try {
		const run = join(folder, 'run');
		const made = await storedRun(run);
		await command(['--run', run, '--out', join(folder, 'dataset')]);
		const found: Record<string, unknown> = {};
		for (const [way, edits] of Object.entries(ways)) {
			const damaged = join(folder, way);
			await cp(run, damaged, { recursive: true });
			const events = join(damaged, 'runs', made.id, 'events.jsonl');
			await edit(events, edits);
			const before = await readFile(events);
			const plain = await deskService(new FolderStore(new NodeFiles(damaged))).datasets.export(made.id);
			const { code, summary, printed } = await command(['--run', damaged, '--out', join(damaged, 'dataset')]);
			for (const line of plain.summary.leftOut)
				if (!printed.includes(line)) throw new Error(`${way}: not printed: ${line}`);
			const lost = told(summary.lost, `runs/${made.id}/`);
			const same = (lines: readonly string[]) =>
				JSON.stringify(lines) === JSON.stringify(lost) ? 'the same' : lines;
			const asFolder = join(folder, `${way} in a dataset`);
			await cp(join(folder, 'dataset'), asFolder, { recursive: true });
			await edit(join(asFolder, 'run', 'events.jsonl'), edits);
			const reread = await command(['--run', asFolder, '--check']);
			if (reread.code !== code) throw new Error(`${way}: the dataset folder ends with ${reread.code}`);
			found[way] = {
				code,
				scenarios: summary.scenarios,
				leftOut: plain.summary.leftOut,
				lost,
				inDatasetFolder: same(told(reread.summary.lost, 'run/')),
				onPage: same(told(plain.summary.lost, `runs/${made.id}/`)),
				// What is still sound is as it was, whatever became of the rest.
				rows: (await sameRows(join(folder, 'dataset'), join(damaged, 'dataset'))) ? 'as before' : 'others',
				isContinued: await openRunFolder(damaged).then(
					() => true,
					() => false
				)
			};
			if (!(await readFile(events)).equals(before)) throw new Error(`${way}: reading changed the file`);
		}
		return found;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

export default damage;

/** A finished run in a folder, its events in the order of its scenarios. */
async function storedRun(path: string) {
	const grown = deskService(new FolderStore(new NodeFiles(`${path}-grown`)));
	const { id } = await grown.create(deskConfig({ seed: 27 }));
	await grown.start(id, { workers: 1 });
	const [record] = await grown.list();
	const service = deskService(new FolderStore(new NodeFiles(path)));
	await service.import(record!, await grown.events(id), packText);
	return record!;
}

function told(lines: readonly string[] | undefined, folder: string): string[] {
	return (lines ?? []).map((line) => line.replace(folder, ''));
}

async function edit(path: string, edits: readonly Edit[]): Promise<void> {
	const lines: Buffer[] = (await readFile(path, 'utf8'))
		.split('\n')
		.slice(0, -1)
		.map((line): Buffer => Buffer.from(line));
	let cut = 0;
	for (const one of edits) {
		if ('cut' in one) cut = one.cut;
		else if ('again' in one) lines.push(replaced(lines[one.again - 1]!, one.replace));
		else if ('replace' in one) lines[one.line - 1] = replaced(lines[one.line - 1]!, one.replace);
		else lines.splice(one.line - 1, 1, ...spoilt(lines[one.line - 1]!, one.by));
	}
	const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
	await writeFile(path, bytes.subarray(0, bytes.length - cut));
}

function replaced(line: Buffer, [text, by]: readonly [string, string]): Buffer {
	const changed = line.toString().replace(new RegExp(text), by);
	if (changed === line.toString()) throw new Error(`nothing like ${text} in ${line.toString()}`);
	return Buffer.from(changed);
}

function spoilt(line: Buffer, by: string): Buffer[] {
	switch (by) {
		case 'nuls':
			return [Buffer.alloc(line.length)];
		case 'nothing':
			return [];
		case 'blank':
			return [Buffer.alloc(0)];
		case 'half':
			return [line.subarray(0, line.length / 2)];
		default:
			return [Buffer.concat([line.subarray(0, 60), Buffer.from([0xff]), line.subarray(61)])];
	}
}

async function command(args: readonly string[]) {
	const printed: string[] = [];
	const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
	const error = vi.spyOn(console, 'error').mockReturnValue();
	try {
		const code = await dataset(args);
		const summary = JSON.parse(printed.at(-1)!) as Pick<HarvestSummary, 'scenarios'> &
			Partial<Pick<HarvestSummary, 'lost'>>;
		// What is lost is on the screen, and not only in the last line.
		for (const line of summary.lost ?? [])
			if (!error.mock.calls.some(([said]) => said === line)) throw new Error(`not said: ${line}`);
		return { code, summary, printed: printed.join('\n') };
	} finally {
		log.mockRestore();
		error.mockRestore();
	}
}

/** Whether each row of one dataset, but for those that are gone, is in the other. */
async function sameRows(whole: string, part: string): Promise<boolean> {
	const rows = async (path: string) => {
		const names = (await readdir(path, { recursive: true })).filter((name) =>
			/^(sft|kto|dpo)\/.*jsonl$/.test(name)
		);
		const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8')));
		return texts.flatMap((text) => text.trimEnd().split('\n'));
	};
	const all = new Set(await rows(whole));
	const left = await rows(part);
	return left.length > 0 && left.every((row) => all.has(row));
}
