import { Template } from '@huggingface/jinja';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Corpus } from '../../model/corpus.ts';
import { Random } from '../../src/base/random.ts';
import { chatmlGenerationPrompt, writeChatml } from '../../src/dialogue/chatml.ts';
import { compactToolsSection, hermesMessages } from '../../src/dialogue/hermes-write.ts';
import type { Message, PlainMessage } from '../../src/dialogue/message.ts';
import { createEnvironment } from '../../src/environment/pack-environment.ts';
import { generateTravel } from '../../src/environment/travel/travel.ts';
import { readGguf } from '../../src/models/wllama/gguf.ts';
import { templateOf } from '../../src/models/wllama/prompts.ts';
import { scriptedDialogue } from '../../src/talk/scripted/dialogue.ts';
import { agentView, userView } from '../../src/talk/views.ts';

/** The template as it ships, inside the model's file. */
const header = await readGguf(new Blob([readFileSync('public/models/embedded.gguf')]));
const template = new Template(header.metadata.get('tokenizer.chat_template') as string);
const ofEngine = templateOf(header, 'compact');

const travel = generateTravel(5, { train: 60, val: 0, test: 0 });
const environment = createEnvironment(travel.pack, 'template test');
const tools = environment.tools.map((tool) => ({ type: 'function', function: tool }));
const section = compactToolsSection(environment.tools);

const dialogues = environment.scenarios.map((scenario) => {
	const { messages } = scriptedDialogue(
		new Random('template test', scenario.id),
		travel.pack,
		scenario,
		travel.tasks.get(scenario.id)!
	);
	return { agent: agentView(environment, messages), user: userView(environment, scenario, messages) };
});

const asTrained = (messages: readonly Message[], toolsSection = '') =>
	writeChatml(hermesMessages(messages, toolsSection));

describe("the shipped model's chat template", () => {
	it('renders structured calls and tools as the corpus has them, byte for byte, for both roles', () => {
		for (const { agent, user } of dialogues) {
			expect(template.render({ messages: agent, tools })).toBe(asTrained(agent, section));
			expect(template.render({ messages: user })).toBe(asTrained(user));
		}
		expect(dialogues.some(({ agent }) => agent.some((message) => message.role === 'tool'))).toBe(true);
	});

	it('renders every view of the corpus itself as it stands there', () => {
		const corpus = new Corpus(11, 'mixed');
		const views = Array.from({ length: 60 }, (_, number) => corpus.views(number)).flat();
		for (const { text } of views) {
			const blocks = text.split('<|im_end|>\n').slice(0, -1);
			const messages = blocks.map((block): PlainMessage => {
				const [head, ...lines] = block.split('\n');
				const role = head!.replace('<|im_start|>', '') as PlainMessage['role'];
				return { role, content: lines.join('\n') };
			});
			expect(template.render({ messages })).toBe(text);
		}
	});

	it('renders what the engine sends: the same text up to where the reply begins', () => {
		for (const { agent, user } of dialogues) {
			for (const [view, toolsSection, its] of [
				[agent, section, environment.tools],
				[user, '', []]
			] as const) {
				for (let turn = 1; turn < view.length; turn++) {
					if (view[turn]!.role !== 'assistant') continue;
					const before = view.slice(0, turn);
					const { text: prompt, opened } = ofEngine.prompt({ messages: before, tools: its });
					expect(opened).toBeUndefined();
					expect(prompt).toBe(asTrained(before, toolsSection) + chatmlGenerationPrompt);
					expect(asTrained(view, toolsSection).startsWith(prompt)).toBe(true);
				}
			}
		}
	});
});
