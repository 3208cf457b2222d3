import { expect, test, vi } from 'vitest';
import { Inbox } from '../../src/app/inbox.ts';
import type { LiveText } from '../../src/app/picture.ts';
import type { SearchEvent } from '../../src/search/events.ts';

function event(n: number): { scenario: string; event: SearchEvent } {
	const tokens = { prompt: 0, completion: 0 };
	return {
		scenario: 's',
		event: { kind: 'user', n, path: `${n}`, turn: 0, over: false, messages: [], tokens }
	};
}

function makeInbox(work = () => {}) {
	const folded: number[] = [];
	const written: (readonly LiveText[])[] = [];
	const frame = vi.fn();
	const inbox = new Inbox({
		expected: (scenario) => (scenario === 's' ? folded.length : undefined),
		fold: (_scenario, { n }) => {
			folded.push(n);
			work();
		},
		write: (_scenario, texts) => written.push(texts),
		frame
	});
	return { inbox, folded, written, frame };
}

test('live events that came before the stored ones wait, and none is folded twice', async () => {
	const { inbox, folded } = makeInbox();
	inbox.events([event(3), event(4)]);
	inbox.events([event(0), event(1), event(2), event(3)]);
	inbox.events([{ ...event(0), scenario: 'unknown' }]);
	await vi.waitFor(() => expect(folded).toEqual([0, 1, 2, 3, 4]));
});

test('a long history is folded over several frames', async () => {
	const { inbox, folded, frame } = makeInbox(() => {
		for (const end = performance.now() + 2; performance.now() < end;);
	});
	inbox.events(Array.from({ length: 20 }, (_, n) => event(n)));
	await vi.waitFor(() => expect(folded).toHaveLength(20));
	expect(frame.mock.calls.length).toBeGreaterThan(2);
});

test('only the latest text of a frame is handed on, and its event supersedes it', async () => {
	const { inbox, written } = makeInbox();
	const text = { type: 'text', scenario: 's', kind: 'user', path: '0', turn: 0 } as const;
	inbox.text({ ...text, text: 'He' });
	inbox.text({ ...text, text: 'Hello' });
	await vi.waitFor(() => expect(written.map((texts) => texts.map(({ text }) => text))).toEqual([['Hello']]));
	inbox.events([event(0)]);
	await vi.waitFor(() => expect(written.at(-1)).toEqual([]));
});
