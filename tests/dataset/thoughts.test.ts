import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readChatLines } from '../../src/dialogue/openai-read.ts';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import { SelfCheck } from '../../src/dataset/check/self-check.ts';
import { plainCuration } from '../../src/dataset/curation/curation.ts';
import { writeDataset, type DatasetJob } from '../../src/dataset/dataset.ts';
import type { ScenarioTree } from '../../src/harvest/examples.ts';
import { datasetFormats } from '../../src/dataset/formats/index.ts';
import { conversationKey } from '../../src/harvest/message-key.ts';
import { MemoryScratch, MemorySink } from '../../src/dataset/memory-files.ts';
import { grow as regrow } from '../../src/search/fold.ts';
import { leftOutOf } from '../../src/dataset/told.ts';
import { thoughtMembers } from '../../src/dataset/thoughts.ts';
import type { SearchEvent } from '../../src/search/events.ts';
import { transcript, walk } from '../../src/search/tree.ts';
import { agentView, userView } from '../../src/talk/views.ts';
import { chatml } from './check-templates.ts';
import {
	bookTwo,
	desk,
	grow,
	randomScript,
	script,
	deskAgent,
	searchAmber,
	searchNorth,
	smallTree,
	type Doing
} from '../harvest/desk.ts';

type Grown = ReturnType<typeof grow>;

/** The same search, had its participants thought: `thought` says what before each message. */
function thinking(
	{ scenario, environment, events, tree }: Grown,
	thought: (message: StoredMessage) => string | undefined
): ScenarioTree {
	const thoughtful = events.map((event) => ({
		...event,
		messages: event.messages.map((message) => {
			const reasoning =
				message.role === 'user' || message.role === 'assistant' ? thought(message) : undefined;
			return reasoning === undefined ? message : { ...message, reasoning };
		})
	})) as SearchEvent[];
	return { scenario, environment, agent: deskAgent, tree: regrow(tree.rules, thoughtful) };
}

/** All files of a dataset, and its summary. */
async function dataset(searches: readonly ScenarioTree[], more: Partial<DatasetJob> = {}) {
	const sink = new MemorySink();
	const summary = await writeDataset({
		searches: () => searches,
		formats: [...datasetFormats.values()],
		layout: 'plain',
		curation: plainCuration,
		sink,
		scratch: new MemoryScratch(),
		...more
	});
	const texts = sink.files.map(async ({ name, content }) => [name, await content.text()] as const);
	return { files: Object.fromEntries(await Promise.all(texts)), summary };
}

describe('thoughts', () => {
	it('change nothing in what is said, compared or learnt', async () => {
		let thoughts = 0;
		let rows = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.nat(),
				fc.boolean(),
				fc.infiniteStream(fc.option(fc.string({ minLength: 1 }), { nil: undefined })),
				async (seed, isSmall, stream) => {
					const plain = isSmall ? smallTree() : grow('one', randomScript(seed));
					const thoughtful = thinking(plain, () => {
						const { value } = stream.next() as { value: string | undefined };
						if (value !== undefined) thoughts++;
						return value;
					});
					for (const { path } of walk(plain.tree.top)) {
						const [one, other] = [transcript(plain.tree, path), transcript(thoughtful.tree, path)];
						expect(userView(desk, plain.scenario, other)).toEqual(userView(desk, plain.scenario, one));
						const view = agentView(desk, other);
						expect(conversationKey(view)).toBe(conversationKey(agentView(desk, one)));
						expect(view.filter((message) => message.role === 'user' && 'reasoning' in message)).toEqual([]);
					}
					const shapes = ({ tree: { examples, collapses, done } }: ScenarioTree) => [
						examples.map(({ messages, ...marks }) => [marks, conversationKey(messages)]),
						collapses,
						done
					];
					expect(shapes(thoughtful)).toEqual(shapes(plain));
					const [expected, found] = [await dataset([plain]), await dataset([thoughtful])];
					expect(found.files).toEqual(expected.files);
					const { thoughts: _, ...summary } = found.summary;
					expect(summary).toEqual(expected.summary);
					rows += Object.values(summary.rows).reduce((sum, count) => sum + count, 0);
				}
			),
			{ numRuns: 60 }
		);
		expect(thoughts).toBeGreaterThan(200);
		expect(rows).toBeGreaterThan(200);
	});

	it('make of a sibling that says the same no bad one', async () => {
		let number = 0;
		const examples = async (...sibling: Doing[]) => {
			const turns = { L: [searchAmber, searchNorth, bookTwo, 'Done.'], R: sibling };
			const { summary } = await dataset([thinking(grow('one', script(turns)), () => `${number++}`)]);
			return summary.examples;
		};
		expect(await examples(searchAmber)).toMatchObject({ kto: { true: 4, false: 0 }, dpo: 0 });
		// It parts from the other where it says something else, not where it thinks something else.
		expect(await examples(searchAmber, 'Which?')).toMatchObject({ kto: { true: 4, false: 1 }, dpo: 1 });
	});

	it('that came alone are neither good nor bad', async () => {
		const alone = grow(
			'one',
			script({ L: [searchNorth, bookTwo, 'Done.'], R: { does: [''], raised: 'only thought' } })
		);
		const plain = await dataset([alone], { thoughts: 'thinking' });
		expect(plain.summary.examples.kto.false).toBe(1);
		const thoughtful = await dataset([
			thinking(alone, ({ content }) => (content === '' ? 'Hm.' : undefined))
		]);
		// Both calls have no words either, but they are calls.
		expect(thoughtful.summary).toMatchObject({ examples: { kto: { true: 3, false: 0 }, dpo: 0 } });
	});

	const thoughtful = () => thinking(smallTree(), ({ role, content }) => `${role} thinks: ${content}`);

	it('are left out and counted', async () => {
		const { files, summary } = await dataset([thoughtful()]);
		expect(summary.thoughts).toEqual({ messages: 8, keptIn: [], leftOutOf: [...datasetFormats.keys()] });
		expect(leftOutOf(summary)).toContain('The agent thought before 8 messages: thoughts are left out');
		expect(Object.values(files).join('')).not.toContain('thinks');
	});

	it.each(thoughtMembers)('are kept as %s where a trainer has a place for them', async (member) => {
		const { files, summary } = await dataset([thoughtful()], { thoughts: member });
		const expected = await dataset([smallTree()]);
		const keptIn = [...datasetFormats.keys()].filter((id) => /^(trl|axolotl-sft)/.test(id));
		expect(summary.thoughts).toMatchObject({ messages: 8, keptIn });
		expect(leftOutOf(summary).join()).toMatch(/left out of openai-sft\/1, .*, whose trainers have no place/);
		for (const { id, fileName } of datasetFormats.values()) {
			const text = files[fileName]!;
			expect(text.includes('thinks'), id).toBe(keptIn.includes(id));
			expect(text).not.toContain('user thinks');
			// But for the member, the rows are what they are without.
			const without = text.replaceAll(new RegExp(`,"${member}":"assistant thinks: [^"]*"`, 'g'), '');
			expect(without, id).toBe(expected.files[fileName]);
		}
		const { conversations } = readChatLines(files['kto.jsonl']!);
		for (const { messages } of conversations)
			for (const { role, reasoning, content } of messages)
				expect(reasoning).toBe(role === 'assistant' ? `assistant thinks: ${content}` : undefined);
	});

	it('count in the length of what is kept', async () => {
		const longest = (text: string) => thinking(smallTree(), () => text);
		const curation = { ...plainCuration, maxCharacters: 2000 };
		const kept = await dataset([longest('x'.repeat(2000))], { curation, thoughts: 'thinking' });
		expect(kept.summary.leftOut[0]?.reason).toMatch(/has \d+ characters, more than 2000/);
		expect((await dataset([longest('x'.repeat(2000))], { curation })).summary.leftOut).toEqual([]);
	});

	it('that are no sound text keep a row from being written', async () => {
		const broken = thinking(smallTree(), () => '\ud83d');
		const { summary } = await dataset([broken], { thoughts: 'reasoning_content' });
		expect(summary.leftOut[0]?.reason).toContain('thoughts hold half a character');
		expect((await dataset([broken])).summary.leftOut).toEqual([]);
	});

	it('are tried with the template of the model to train', async () => {
		const target = (content: string) => ({ name: 'T', chatTemplate: chatml({ content }) });
		const says = '{{- message.content }}';
		const reads = `{%- if message.thinking %}{{- '<think>' + message.thinking + '</think>' }}{% endif %}${says}`;
		const findings = async (content: string, member: DatasetJob['thoughts']) => {
			const check = new SelfCheck(target(content), true, member);
			await dataset([thinking(smallTree(), () => 'There is null to say.')], {
				check,
				...(member && { thoughts: member })
			});
			return check.report().findings.map(({ severity, reason }) => `${severity}: ${reason}`);
		};
		expect(await findings(reads, 'thinking')).toEqual([]);
		expect(await findings(reads, undefined)).toEqual([]);
		expect(await findings(reads, 'reasoning_content')).toEqual([
			'warning: the chat template leaves out thoughts'
		]);
	});
});
