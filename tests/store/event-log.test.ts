import { expect, test } from 'vitest';
import { EventLog } from '../../src/store/event-log.ts';
import { agentEvent, of, sampleRecord, userEvent } from './samples.ts';

const lines = [
	...of('first', userEvent(0), agentEvent(1), userEvent(2)),
	...of('second', userEvent(0), userEvent(1))
].map((one) => JSON.stringify(one));

async function read(texts: readonly (string | Uint8Array)[]) {
	const log = new EventLog('events.jsonl', sampleRecord('a').config);
	const encoder = new TextEncoder();
	for (const [index, text] of texts.entries())
		log.takeLine(typeof text === 'string' ? encoder.encode(text) : text, index + 1);
	return log;
}

function counts(log: EventLog): Record<string, number> {
	return Object.fromEntries(['first', 'second'].map((id) => [id, log.read(id).events.length]));
}

const replaced = (index: number, ...by: readonly (string | Uint8Array)[]) =>
	(lines as (string | Uint8Array)[]).toSpliced(index, 1, ...by);
const withBytes = (line: string, ...bytes: number[]) =>
	Uint8Array.from([...new TextEncoder().encode(line.slice(0, -9)), ...bytes]);

test('sound lines in any order, and twice, are all there', async () => {
	const log = await read([...lines.toReversed(), lines[1]!, ` ${lines[2]!} `]);
	// By scenario, as in the configuration.
	const events = [...lines.slice(3), ...lines.slice(0, 3)].map((line) => JSON.parse(line) as unknown);
	expect(log.read()).toEqual({ events, damage: [] });
});

/** What is done to the lines; what is left of each scenario; what is said. */
const cases: [string, readonly (string | Uint8Array)[], Record<string, number>, RegExp[]][] = [
	[
		'NULs',
		replaced(1, '\0'.repeat(200)),
		{ first: 1, second: 2 },
		[/line 2, is damaged: it is not JSON/, /event 1 of scenario first is missing/]
	],
	[
		'a blank line',
		replaced(0, '', lines[0]!),
		{ first: 3, second: 2 },
		[/line 1, is damaged: it is not JSON/]
	],
	[
		'half a line',
		replaced(4, lines[4]!.slice(0, 60)),
		{ first: 3, second: 1 },
		[/line 5, is damaged: it is not JSON/]
	],
	[
		'bytes that are not UTF-8',
		replaced(4, withBytes(lines[4]!, 0xff)),
		{ first: 3, second: 1 },
		[/line 5, is damaged: it is not UTF-8/]
	],
	[
		'a figure out of range',
		replaced(2, lines[2]!.replace('"completion":3', '"completion":-1')),
		{ first: 2, second: 2 },
		[/line 3, is damaged at event\.tokens\.completion/]
	],
	[
		'a thought that is not text',
		replaced(2, lines[2]!.replace('"role":"user"', '"role":"user","reasoning":7')),
		{ first: 2, second: 2 },
		[/line 3, is damaged at event\.messages\.0\.reasoning/]
	],
	[
		'a number that no event has',
		[...lines, lines[2]!.replace('"n":2', '"n":-1')],
		{ first: 3, second: 2 },
		[/line 6, is damaged at event\.n/]
	],
	[
		'a figure that is text',
		replaced(3, lines[3]!.replace('"n":0', '"n":"0"')),
		{ first: 3, second: 0 },
		[/line 4, is damaged at event\.n/, /event 0 of scenario second is missing/]
	],
	['a line that is gone', replaced(1), { first: 1, second: 2 }, [/event 1 of scenario first is missing/]],
	[
		'a scenario that the run does not have',
		replaced(4, lines[4]!.replace('second', 'fourth')),
		{ first: 3, second: 1 },
		[/line 5, is of scenario "fourth", which the run does not have/]
	],
	[
		'another event of the same number',
		[...lines, lines[1]!.replace('Sorry', 'Well'), lines[1]!],
		{ first: 1, second: 2 },
		[/line 6, is another event 1 of scenario first/, /line 7, is another event 1/]
	],
	[
		'something else',
		replaced(0, '[1, 2]', 'null', lines[0]!),
		{ first: 3, second: 2 },
		[/line 1, is damaged/, /line 2, is damaged/]
	]
];

test.each(cases)(
	'%s: the place is named, and all that does not depend on it is read',
	async (_, texts, left, said) => {
		const log = await read(texts);
		expect(counts(log)).toEqual(left);
		const { damage } = log.read();
		expect(damage).toEqual(said.map((words) => expect.stringMatching(words)));
		expect(damage.every((one) => one.startsWith('events.jsonl'))).toBe(true);
	}
);

test('a file that is something else is not read to its end', async () => {
	await expect(read(Array.from({ length: 5000 }, () => ''))).rejects.toThrow(
		/more than 1000 of its lines are damaged/
	);
});
