import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { RunStore, ScenarioEvent } from '../../src/store/run-store.ts';
import { agentEvent, ended, of, packHash, packText, sampleRecord, userEvent } from './samples.ts';

/** One place where runs are stored. */
export interface StorePlace {
	/** The store of this place; another one at each call, as after a restart. */
	open(): Promise<RunStore>;
}

/** What every `RunStore` does. `newPlace` gives an empty one. */
export function describeRunStore(name: string, newPlace: () => Promise<StorePlace>): void {
	describe(`${name} as a RunStore`, () => {
		let place: StorePlace;
		let store: RunStore;

		beforeEach(async () => {
			place = await newPlace();
			store = await place.open();
		});

		/** Events of a run of which nothing is damaged. */
		const eventsOf = async (id: string, scenario?: string) => {
			const { events, damage } = await store.events(id, scenario);
			expect(damage).toEqual([]);
			return events;
		};

		const afterRestart = async () => (store = await place.open());

		it('is empty at first', async () => {
			expect(await store.list()).toEqual({ runs: [], damaged: [] });
			expect(await store.get('a')).toBeUndefined();
			expect(await store.pack(packHash)).toBeUndefined();
		});

		it('keeps a run and its pack over a restart', async () => {
			await store.create(sampleRecord('a'), packText);
			await afterRestart();
			expect(await store.get('a')).toEqual(sampleRecord('a'));
			expect(await store.pack(packHash)).toBe(packText);
			expect(await eventsOf('a')).toEqual([]);
		});

		it('lists runs with the newest first', async () => {
			const at = (day: number) => ({ createdAt: `2026-01-0${day}T00:00:00.000Z` });
			await store.create(sampleRecord('b', at(2)), packText);
			await store.create(sampleRecord('c', at(3)), packText);
			await store.create(sampleRecord('a', at(1)), packText);
			expect((await store.list()).runs.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
		});

		it('keeps trials of a scenario apart, in their order', async () => {
			const { config } = sampleRecord('a');
			await store.create(sampleRecord('a', { config: { ...config, trials: 2 } }), packText);
			const second = (...events: readonly ScenarioEvent['event'][]): ScenarioEvent[] =>
				of('first', ...events).map((one) => ({ ...one, trial: 1 }));
			await store.append('a', [...second(userEvent(0, 'Again')), ...of('first', userEvent(0), userEvent(1))]);
			await store.append('a', second(userEvent(1), userEvent(0, 'Again')));
			await afterRestart();
			expect(await eventsOf('a', 'first')).toEqual([
				...of('first', userEvent(0), userEvent(1)),
				...second(userEvent(0, 'Again'), userEvent(1))
			]);
			await expect(store.append('a', [{ scenario: 'first', trial: 2, event: userEvent(0) }])).rejects.toThrow(
				'Run a has no trial 2 of scenario first'
			);
		});

		it('puts events of another schema in the place of those it has', async () => {
			const record = sampleRecord('a');
			await store.create({ ...record, origin: { ...record.origin, eventSchema: 1 } }, packText);
			await store.append('a', of('first', userEvent(0), userEvent(1)), [ended('first', 2)]);
			const scored = of('first', { ...userEvent(0), goals: [] }, { ...userEvent(1), earned: [0] });
			await store.upgrade('a', 2, scored);
			await afterRestart();
			expect(await eventsOf('a')).toEqual(scored);
			expect(await store.get('a')).toEqual(record);
			expect(await store.overview('a')).toMatchObject({ ended: [], begun: [{ scenario: 'first' }] });
			await store.append('a', of('first', userEvent(2)));
			expect(await eventsOf('a')).toEqual([...scored, ...of('first', userEvent(2))]);
		});

		it('tells which searches have ended, with their summaries, and which have begun', async () => {
			const { config } = sampleRecord('a');
			await store.create(sampleRecord('a', { config: { ...config, trials: 2 } }), packText);
			expect(await store.overview('a')).toEqual({ ended: [], begun: [], strays: [] });
			const again = { ...of('second', userEvent(0))[0]!, trial: 1 };
			await store.append('a', [...of('third', userEvent(0)), ...of('first', userEvent(0)), again]);
			await store.append('a', of('first', userEvent(1)), [ended('first', 2, ' hello')]);
			const expected = {
				ended: [{ scenario: 'first', summary: ended('first', 2).summary }],
				begun: [{ scenario: 'second', trial: 1 }, { scenario: 'third' }],
				strays: []
			};
			expect(await store.overview('a')).toEqual(expected);
			await afterRestart();
			expect(await store.overview('a')).toEqual(expected);
			await store.append('a', [], [ended('third', 1), { ...ended('second', 1), trial: 1 }]);
			await afterRestart();
			const after = await store.overview('a');
			expect(after.ended.map(({ scenario, trial }) => [scenario, trial])).toEqual([
				['second', 1],
				['first', undefined],
				['third', undefined]
			]);
			expect(after.begun).toEqual([]);
		});

		it('finds searches by the beginnings of their words', async () => {
			await store.create(sampleRecord('a'), packText);
			const all = ['third', 'first', 'second'].flatMap((one) => of(one, userEvent(0)));
			await store.append('a', all, [
				ended('third', 1, ' an expensive hotel'),
				ended('first', 1, ' a hotel'),
				ended('second', 1, ' the train')
			]);
			expect(await store.find('a', [' hot'])).toEqual([{ scenario: 'first' }, { scenario: 'third' }]);
			expect(await store.find('a', [' hot', ' exp'])).toEqual([{ scenario: 'third' }]);
			expect(await store.find('a', ['tel'])).toHaveLength(2);
			expect(await store.find('a', [' tel'])).toEqual([]);
			await store.append('a', [], [ended('third', 1, ' a bus')]);
			await afterRestart();
			expect(await store.find('a', [' hotel'])).toEqual([{ scenario: 'first' }]);
			expect(await store.find('a', [])).toHaveLength(3);
		});

		it('takes a summary of another version for none', async () => {
			await store.create(sampleRecord('a'), packText);
			const { summary, ...one } = ended('first', 1);
			await store.append('a', of('first', userEvent(0)), [
				{ ...one, summary: { ...summary, version: summary.version + 1 } }
			]);
			await afterRestart();
			expect(await store.overview('a')).toMatchObject({ ended: [], begun: [{ scenario: 'first' }] });
		});

		it('refuses summaries of searches that the run does not have, and deletes them with the run', async () => {
			await store.create(sampleRecord('a'), packText);
			await expect(store.append('a', [], [ended('fourth', 1)])).rejects.toThrow(/no scenario fourth/);
			await store.append('a', of('first', userEvent(0)), [ended('first', 1)]);
			await store.delete('a');
			await store.create(sampleRecord('a'), packText);
			expect(await store.overview('a')).toEqual({ ended: [], begun: [], strays: [] });
			expect(await store.find('a', [])).toEqual([]);
		});

		it('refuses an id that is taken and a pack that is another', async () => {
			await store.create(sampleRecord('a'), packText);
			await expect(
				store.create(sampleRecord('a', { activeMilliseconds: 5 }), packText)
			).rejects.toMatchObject({
				name: 'StoreError',
				message: expect.stringContaining('run a already')
			});
			expect((await store.get('a'))?.activeMilliseconds).toBe(0);
			await expect(store.create(sampleRecord('b'), 'another pack')).rejects.toThrow(/hash/);
			expect(await store.get('b')).toBeUndefined();
		});

		it('updates status and time, and nothing else', async () => {
			await store.create(sampleRecord('a'), packText);
			await store.update('a', { activeMilliseconds: 1500 });
			await store.update('a', { status: 'finished' });
			await afterRestart();
			expect(await store.get('a')).toEqual({
				...sampleRecord('a'),
				status: 'finished',
				activeMilliseconds: 1500
			});
		});

		it('orders events by scenario as configured, then by number', async () => {
			await store.create(sampleRecord('a'), packText);
			await store.append('a', of('first', userEvent(0), agentEvent(1)));
			await store.append('a', [...of('third', userEvent(0)), ...of('second', userEvent(0), agentEvent(1))]);
			await store.append('a', of('first', ...Array.from({ length: 10 }, (_, i) => userEvent(i + 2))));
			await afterRestart();
			const events = await eventsOf('a');
			expect(events.map(({ scenario, event }) => `${scenario} ${event.n}`)).toEqual([
				'second 0',
				'second 1',
				...Array.from({ length: 12 }, (_, n) => `first ${n}`),
				'third 0'
			]);
			expect(events[1]!.event).toEqual(agentEvent(1));
			expect(await eventsOf('a', 'second')).toEqual(of('second', userEvent(0), agentEvent(1)));
			expect(await eventsOf('a', 'third')).toHaveLength(1);
		});

		it('gives back events with their members in the order in which they came', async () => {
			await store.create(sampleRecord('a'), packText);
			await store.append('a', of('first', agentEvent(0)));
			await afterRestart();
			expect(JSON.stringify((await eventsOf('a'))[0]!.event)).toBe(JSON.stringify(agentEvent(0)));
		});

		it('keeps thoughts, of both sides', async () => {
			const thinking = [
				{ ...userEvent(0), messages: [{ ...userEvent(0).messages[0]!, reasoning: 'A greeting, then.' }] },
				{
					...agentEvent(1),
					messages: agentEvent(1).messages.map((message) =>
						message.role === 'assistant' ? { ...message, reasoning: 'Not yet\nBYE.' } : message
					)
				}
			] as readonly ScenarioEvent['event'][];
			await store.create(sampleRecord('a'), packText);
			await store.append('a', of('first', ...thinking));
			await afterRestart();
			expect(await eventsOf('a')).toEqual(of('first', ...thinking));
		});

		it('keeps every digit of a number, and how it was written', async () => {
			const call = {
				name: 'search',
				arguments: { id: 2512292042121000001n, price: 2 },
				argumentsText: '{"id": 2512292042121000001, "price": 2.0}'
			};
			const event = { ...agentEvent(0), calls: [{ ...call, result: [{ id: -(2n ** 70n) }], ok: true }] };
			await store.create(sampleRecord('a'), packText);
			await store.append('a', of('first', event));
			await afterRestart();
			expect(await eventsOf('a')).toEqual(of('first', event));
			await store.append('a', of('first', event));
			const neighbour = {
				...event,
				calls: [{ ...event.calls[0]!, arguments: { id: 2512292042121000002n } }]
			};
			await expect(store.append('a', of('first', neighbour))).rejects.toThrow(/another event 0/);
		});

		it.each([
			['a negative count', { tokens: { prompt: -35, completion: 3 } }],
			['a fraction of a token', { tokens: { prompt: 10, completion: 4.5 } }],
			['a count as text', { tokens: { prompt: '10', completion: 3 } }],
			['no tokens', { tokens: undefined }],
			['an infinite number', { calls: [{ name: 'a', arguments: { x: Infinity }, result: [], ok: true }] }],
			['no number', { calls: [{ name: 'a', arguments: {}, result: [NaN], ok: true }] }],
			['nothing', { calls: [{ name: 'a', arguments: { x: undefined }, result: [], ok: true }] }],
			['-0', { calls: [{ name: 'a', arguments: { x: -0 }, result: [], ok: true }] }]
		])('does not store %s, which it could not read again', async (_, change) => {
			await store.create(sampleRecord('a'), packText);
			const unsound = { ...agentEvent(1), ...change } as ReturnType<typeof agentEvent>;
			await expect(store.append('a', of('first', userEvent(0), unsound))).rejects.toThrow(
				/Event 1 of scenario first cannot be stored/
			);
			expect(await eventsOf('a')).toEqual([]);
			await store.append('a', of('first', userEvent(0), agentEvent(1)));
			await afterRestart();
			expect(await eventsOf('a')).toHaveLength(2);
		});

		it('does not change a record into one that it could not read again', async () => {
			await store.create(sampleRecord('a'), packText);
			await expect(store.update('a', { activeMilliseconds: NaN })).rejects.toThrow(/Run a cannot be stored/);
			const unsound = sampleRecord('b', { activeMilliseconds: -1 });
			await expect(store.create(unsound, packText)).rejects.toThrow(/because of activeMilliseconds/);
			await afterRestart();
			expect((await store.list()).runs).toEqual([sampleRecord('a')]);
		});

		it('takes the same event again and refuses another with its number', async () => {
			await store.create(sampleRecord('a'), packText);
			await store.append('a', of('first', userEvent(0)));
			await store.append('a', of('first', userEvent(0), userEvent(1), userEvent(1)));
			await expect(store.append('a', of('first', userEvent(1, 'Other words')))).rejects.toMatchObject({
				name: 'StoreError',
				message: expect.stringMatching(/event 1 of scenario first/)
			});
			await afterRestart();
			expect(await eventsOf('a')).toEqual(of('first', userEvent(0), userEvent(1)));
			await expect(store.append('a', of('first', userEvent(0, 'Other words')))).rejects.toThrow(/event 0/);
		});

		it('refuses events of a scenario or a run that is not there', async () => {
			await store.create(sampleRecord('a'), packText);
			await expect(store.append('a', of('fourth', userEvent(0)))).rejects.toThrow(/no scenario fourth/);
			await expect(store.append('b', of('first', userEvent(0)))).rejects.toThrow(/no run b/);
			await expect(store.events('b')).rejects.toThrow(/no run b/);
			await expect(store.update('b', { status: 'finished' })).rejects.toThrow(/no run b/);
			expect(await eventsOf('a')).toEqual([]);
		});

		it('carries out calls that come at once in their order', async () => {
			await store.create(sampleRecord('a'), packText);
			await Promise.all(Array.from({ length: 20 }, (_, n) => store.append('a', of('first', userEvent(n)))));
			expect((await eventsOf('a')).map(({ event }) => event.n)).toEqual(
				Array.from({ length: 20 }, (_, n) => n)
			);
		});

		it('deletes a run with its events, and a pack with its last run', async () => {
			await store.create(sampleRecord('a'), packText);
			await store.create(sampleRecord('ab'), packText);
			await store.append('a', of('first', userEvent(0)));
			await store.append('ab', of('first', userEvent(0, 'of ab')));
			await store.delete('a');
			await afterRestart();
			expect(await store.get('a')).toBeUndefined();
			expect(await store.pack(packHash)).toBe(packText);
			expect(await eventsOf('ab')).toEqual(of('first', userEvent(0, 'of ab')));

			await store.create(sampleRecord('a'), packText);
			expect(await eventsOf('a')).toEqual([]);
			await store.delete('a');
			await store.delete('ab');
			await store.delete('ab');
			expect(await store.pack(packHash)).toBeUndefined();
			expect(await store.list()).toEqual({ runs: [], damaged: [] });
		});

		it('keeps the packs of other environments', async () => {
			const other = '{"another":"pack"}';
			const hash = await sha256(other);
			const { origin } = sampleRecord('a');
			await store.create(sampleRecord('a'), packText);
			await store.create(sampleRecord('b', { origin: { ...origin, pack: { id: 'other', hash } } }), other);
			await store.delete('a');
			expect(await store.pack(packHash)).toBeUndefined();
			expect(await store.pack(hash)).toBe(other);
		});
	});
}
