import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TrialJournal } from '../../src/cli/trial-journal.ts';
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

test('a line that was spoilt is named', async () => {
	const journal = await TrialJournal.open(parent, 'spoilt', {});
	await writeFile(join(journal.path, 'trials.jsonl'), 'no row\n');
	await expect(TrialJournal.open(parent, 'spoilt', {})).rejects.toThrow(
		/trials\.jsonl, line 1 cannot be read/
	);
});
