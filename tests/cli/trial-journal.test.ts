import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TrialJournal } from '../../src/cli/evaluate/trial-journal.ts';
import type { Trial } from '../../src/evaluation/trial.ts';

let parent: string;
beforeAll(async () => void (parent = await mkdtemp(join(tmpdir(), 'joshtree-journal-'))));
afterAll(() => rm(parent, { recursive: true, force: true }));

const one = (scenario: string, trial: number): Trial => ({
	transcript: [{ role: 'user', content: 'Hello.', seenBy: 'both' }],
	row: {
		scenario,
		trial,
		domains: ['hotel'],
		reward: 1,
		success: true,
		endedByUser: true,
		agentTurns: 2,
		calls: { parsed: 1, malformed: 0, rejected: 0 },
		inventedByUser: 0,
		tokens: { prompt: 1, completion: 1 },
		seconds: 1
	}
});

test('conversations are found again, but not under other settings', async () => {
	const journal = await TrialJournal.open(parent, 'again', { seed: 1 });
	await Promise.all([journal.add(one('a', 0)), journal.add(one('a', 1))]);
	const again = await TrialJournal.open(parent, 'again', { seed: 1 });
	expect(again.get({ scenario: 'a', trial: 1 })).toEqual(one('a', 1));
	expect(again.get({ scenario: 'a', trial: 2 })).toBeUndefined();
	const other = await TrialJournal.open(parent, 'again', { seed: 2 });
	expect(other.get({ scenario: 'a', trial: 1 })).toBeUndefined();
});

test('a line cut short is dropped, and others go on behind the last whole one', async () => {
	const journal = await TrialJournal.open(parent, 'cut', {});
	await journal.add(one('a', 0));
	const file = join(journal.path, 'trials.jsonl');
	await appendFile(file, '{"scenario": "b", "tri');
	const again = await TrialJournal.open(parent, 'cut', {});
	expect(again.get({ scenario: 'a', trial: 0 })).toBeDefined();
	await again.add(one('b', 0));
	const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
	expect(lines.map((line) => JSON.parse(line))).toEqual([one('a', 0), one('b', 0)]);
});

test('lines that were spoilt are named, all of them', async () => {
	const journal = await TrialJournal.open(parent, 'spoilt', {});
	const sound = JSON.stringify(one('a', 0));
	const lines = [
		sound,
		'no row',
		sound.replace('"agentTurns":2', '"agentTurns":-2'),
		sound.replace('"seconds":1', '"seconds":2'),
		'\0'.repeat(99),
		sound.replace('"reward":1', '"reward":0.5'),
		'{"row":{}}'
	];
	await writeFile(join(journal.path, 'trials.jsonl'), lines.map((line) => `${line}\n`).join(''));
	const opening = TrialJournal.open(parent, 'spoilt', {});
	await expect(opening).rejects.toThrow(
		/trials\.jsonl is damaged.*\n {2}line 2\n {2}line 3\n {2}line 5\n {2}line 6\n {2}line 7\nRemove/
	);
});
