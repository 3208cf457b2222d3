import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	choice,
	choices,
	defaultsOf,
	fieldsOf,
	group,
	number,
	options,
	problemsIn,
	toggle,
	whole
} from '../../src/base/options.ts';
import { PartList } from '../../src/base/part.ts';
import { partUsage, readParts } from '../../src/cli/part-flags.ts';
import { createRunConfig } from '../../src/run/config.ts';
import { plain } from '../../src/search/lines.ts';
import { strategies } from '../../src/search/strategies.ts';
import { agents } from '../../src/talk/agents/agents.ts';
import { agentPart } from '../../src/talk/agents/agent-part.ts';
import { rewardPart } from '../../src/talk/rewards/reward-part.ts';
import { rewards } from '../../src/talk/rewards/rewards.ts';
import { userPart } from '../../src/talk/users/user-part.ts';
import { users } from '../../src/talk/users/users.ts';
import { agentView } from '../../src/talk/views.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { deskService, packText } from './desk-run.ts';

const tokens = { prompt: 1, completion: 1 };

// One part of each kind, each in one piece: what adding one takes.

const parrot = agentPart({
	kind: 'parrot',
	version: 3,
	label: 'Parrot',
	options: options({ times: whole(1, 9, 2, { label: 'Times', hint: 'how often it says it' }) }),
	view: (facts, transcript) => agentView(facts, transcript),
	create: ({ times }) => ({
		async step(transcript) {
			const heard = transcript.findLast(({ role }) => role === 'user')!.content;
			const content = Array.from({ length: times }, () => heard).join(' ');
			return {
				outcome: 'finished',
				messages: [{ role: 'assistant', content, seenBy: 'both' }],
				calls: [],
				tokens
			};
		}
	})
});

const counter = userPart({
	kind: 'counter',
	version: 1,
	label: 'Counter',
	options: options({}),
	create: () => ({
		async step(transcript) {
			const content = `${transcript.length}`;
			return { messages: [{ role: 'user', content, seenBy: 'both' }], over: transcript.length > 4, tokens };
		}
	})
});

const longEnough = rewardPart({
	kind: 'long-enough',
	version: 1,
	label: 'Long enough',
	options: options({ length: whole(1, 99, 3, { label: 'Length', hint: 'characters' }) }),
	create: ({ length }) => ({
		goals: [{ id: 'long', label: `says ${length} characters` }],
		match: async ({ by, messages }) => (by === 'agent' && messages[0]!.content.length >= length ? [0] : []),
		score: async ({ transcript }) => [{ name: 'turns', value: transcript.length > 99 ? 1 : 'unknown' }]
	})
});

const plainAgain = { ...plain, kind: 'plain-again', label: 'Plain again' };

describe('a part of each kind that was added to its list', () => {
	const lists = [agents, users, rewards, strategies] as PartList<never>[];
	const added = [parrot, counter, longEnough, plainAgain];
	const before = lists.map((list) => [...(list as unknown as { kinds: string[] }).kinds]);

	beforeAll(() => {
		for (const [index, list] of lists.entries()) list.add(added[index] as never);
	});
	afterAll(() => {
		for (const [index, list] of lists.entries())
			for (const kind of list.kinds) if (!before[index]!.includes(kind)) list.remove(kind);
	});

	it('is run, stored, opened and exported', async () => {
		const store = new FolderStore(new MemoryFiles());
		const service = deskService(store);
		const config = createRunConfig({
			scenarios: ['a', 'b'],
			strategy: { kind: 'plain-again', maxTurns: 3 },
			agent: { kind: 'parrot', times: 3 },
			user: { kind: 'counter' },
			reward: { kind: 'long-enough' },
			score: { kind: 'long-enough', length: 9 }
		});
		const { id, origin } = await service.create(config, undefined, { pack: packText });
		expect(origin.parts).toEqual({ strategy: 1, agent: 3, user: 1, reward: 1, score: 1 });
		await service.start(id, { workers: 1 });
		const record = await service.get(id);
		expect(record).toMatchObject({ status: 'finished', config: { agent: { kind: 'parrot', times: 3 } } });
		const goals = [{ id: 'long' }];
		for (const one of record.config.scenarios)
			expect(await service.scenario(id, one)).toMatchObject({ facts: { id: one, goals }, damage: [] });
		expect(await service.rows(id)).toMatchObject(
			record.config.scenarios.map((scenario) => ({ scenario, standing: 'unknown', goals: 1 }))
		);
		const { summary } = await service.datasets.export(id);
		// Its score says of nothing whether it passed.
		expect(summary).toMatchObject({ scenarios: 2, unknown: 2, successRate: 0, meanReward: null });
	});

	it('has flags and a place in usage texts', () => {
		expect(readParts({ agent: 'parrot', times: '4' }, ['agent'])).toEqual({
			agent: { kind: 'parrot', times: 4 }
		});
		expect(partUsage(['agent', 'reward'])).toMatch(/--times N +how often it says it \(2\) \[parrot\]/);
	});

	it('says when it has another version', async () => {
		const store = new FolderStore(new MemoryFiles());
		const service = deskService(store);
		const config = createRunConfig({
			scenarios: ['a'],
			strategy: { kind: 'plain' },
			agent: { kind: 'parrot' },
			user: { kind: 'counter' }
		});
		const { id } = await service.create(config);
		agents.remove('parrot');
		agents.add({ ...parrot, version: 4 });
		const seen: unknown[] = [];
		await service.watch(id, (update) => void seen.push(update));
		expect(JSON.stringify(seen[0])).toContain('the version of a part, agent: 3 then, 4 now');
	});
});

describe('a list of parts', () => {
	it('takes each name once, and names what there is', () => {
		expect(() => agents.add(agents.get('react'))).toThrow('the agent "react" is there already');
		expect(() => agents.get('ghost')).toThrow(/there is no agent "ghost"; there are function-calling, react/);
	});
});

describe('options', () => {
	const schema = options({
		width: whole(1, 8, 4, { label: 'Width', hint: 'w' }),
		inner: group({
			share: number(0, 1, 0.5, { label: 'Share', hint: 's', flag: 'part' }),
			loud: toggle(false, { label: 'Loud', hint: 'l' })
		}),
		mode: choice(['a', 'b'], 'b', { label: 'Mode', hint: 'm' }),
		of: choices(['x', 'y'], ['y'], { label: 'Of', hint: 'o' })
	});

	it('have defaults, facts for forms and flags, and ranges, all from one place', () => {
		expect(defaultsOf(schema)).toEqual({
			width: 4,
			inner: { share: 0.5, loud: false },
			mode: 'b',
			of: ['y']
		});
		expect(v.parse(schema, { inner: { loud: true } })).toMatchObject({
			width: 4,
			inner: { share: 0.5, loud: true }
		});
		expect(fieldsOf(schema).map(({ path, kind }) => [path.join('.'), kind])).toEqual([
			['width', 'whole'],
			['inner.share', 'number'],
			['inner.loud', 'toggle'],
			['mode', 'choice'],
			['of', 'choices']
		]);
	});

	it('are refused with a line for each wrong value', () => {
		expect(
			problemsIn(schema, { width: 9, inner: { share: 2, extra: 1 }, mode: 'c', of: ['x', 'x'] }, 'part')
		).toEqual([
			'part.width: must be a whole number from 1 to 8, not 9',
			'part.inner.share: must be a number from 0 to 1, not 2',
			'part.inner.extra: there is no such option; leave it out',
			'part.mode: must be one of a, b, not "c"',
			'part.of: must be a list of some of x, y, each once, not Array'
		]);
		expect(problemsIn(schema, {}, 'part')).toEqual([]);
	});
});
