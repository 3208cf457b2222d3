import { describe, expect, it } from 'vitest';
import { chatmlGenerationPrompt, writeChatml } from '../../../src/dialogue/chatml.ts';
import {
	compactToolsSection,
	hermesMessages,
	hermesToolsSection
} from '../../../src/dialogue/hermes-write.ts';
import type { AssistantMessage, Message, ToolCall } from '../../../src/dialogue/message.ts';
import { ChatTemplate, type ToolsForm } from '../../../src/dialogue/template/chat-template.ts';
import type { ToolSpec } from '../../../src/dialogue/tool.ts';

const tokens = { bos: '<s>', eos: '</s>', addsBos: true };
const choose = (source: string | null, wanted: ToolsForm | 'auto' = 'auto') =>
	ChatTemplate.choose(source, tokens, wanted);

const tools: readonly ToolSpec[] = [
	{
		name: 'look',
		description: 'Looks',
		parameters: { type: 'object', properties: { where: { type: 'string' } } }
	}
];
const call = (id: string, where: string): ToolCall => ({
	id,
	type: 'function',
	function: { name: 'look', arguments: { where } }
});
const calls = (content: string, ...made: readonly ToolCall[]): AssistantMessage => ({
	role: 'assistant',
	content,
	tool_calls: made
});
const answer = (id: string, content: string): Message => ({
	role: 'tool',
	content,
	tool_call_id: id,
	name: 'look'
});
const system: Message = { role: 'system', content: 'S' };
const user = (content: string): Message => ({ role: 'user', content });
const says = (content: string): Message => ({ role: 'assistant', content });
const agent: readonly Message[] = [system, user('U'), calls('', call('call_0', 'x')), answer('call_0', 'R')];

const write = (template: ChatTemplate, messages: readonly Message[], given: readonly ToolSpec[] = []) =>
	template.prompt({ messages, tools: given }).text;

/** Each message as `[role content]`, whatever it is; `between` goes before it. */
const plain = (between = '') =>
	`{% for m in messages %}${between}[{{ m.role }} {{ m.content }}]{% endfor %}{% if add_generation_prompt %}>{% endif %}`;
const chatml =
	"{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const alternating =
	"{% set ns = namespace(n=0) %}{% for m in messages if m.role != 'system' %}{% if (m.role == 'user') != (ns.n % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% set ns.n = ns.n + 1 %}{% endfor %}";
/** Writes tools and calls; `%ARGS%`, `%CONTENT%` and `%START%` are to be put in. */
const native = ({ args = 'c.function.arguments|tojson', content = '{{ m.content }}', start = '' } = {}) =>
	`{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}${start}[{{ m.role }} ${content}{% for c in m.tool_calls or [] %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ ${args} }}}</tool_call>{% endfor %}]{% endfor %}>`;

describe('both roles', () => {
	it('are written as before by a template that takes everything, byte for byte', () => {
		for (const source of [chatml, null]) {
			const template = choose(source, 'compact');
			const section = compactToolsSection(tools);
			expect(write(template, agent, tools)).toBe(
				writeChatml(hermesMessages(agent, section)) + chatmlGenerationPrompt
			);
			for (const view of [[system], [system, says('A'), user('U')]]) {
				expect(write(template, view)).toBe(writeChatml(hermesMessages(view)) + chatmlGenerationPrompt);
			}
		}
		expect(choose(chatml, 'compact').facts).toMatchObject({ source: 'own', tools: 'compact', losses: [] });
		expect(choose(null).facts).toMatchObject({
			source: 'chatml',
			losses: [expect.stringMatching(/no chat template/)]
		});
	});

	it('begin with words of the other side, and alternate, where a template demands it', () => {
		const template = choose(alternating + plain());
		expect(write(template, [system])).toBe('[system S][user Begin.]>');
		expect(write(template, [system, says('A'), user('U')])).toBe(
			'[system S][user Begin.][assistant A][user U]>'
		);
		expect(write(template, [system, user('U'), user('V')])).toBe('[system S][user U\n\nV]>');
		expect(write(template, [system, user('U')])).toBe('[system S][user U]>');
	});

	it('have the system text in the first user message where system messages are refused or dropped', () => {
		for (const start of [
			"{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}",
			"{% if m.role == 'system' %}{% continue %}{% endif %}"
		]) {
			const template = choose(plain(start));
			expect(template.facts.system).toBe('in user');
			expect(write(template, [system, user('U')])).toBe('[user S\n\nU]>');
			expect(write(template, [system])).toBe('[user S]>');
			expect(write(template, [system, says('A'), user('U')])).toBe('[user S][assistant A][user U]>');
		}
	});

	it('leave the bos token to the tokenizer that adds it, and say what thought is open', () => {
		const template = choose(`{{ bos_token }}${plain()}{{ '<think>\\n' }}`);
		expect(template.prompt({ messages: [user('U')], tools: [] })).toEqual({
			text: '[user U]><think>\n',
			opened: '<think>'
		});
	});

	it('have thinking switched off, where that does not make the template throw', () => {
		const asks = choose(
			`{% if enable_thinking is defined and not enable_thinking %}off{% endif %}${plain()}`
		);
		expect(write(asks, [user('U')])).toBe('off[user U]>');
		const throws = choose(
			`{% if enable_thinking is defined %}{{ raise_exception('no') }}{% endif %}${plain()}`
		);
		expect(write(throws, [user('U')])).toBe('[user U]>');
	});
});

describe("tools in the model's own form", () => {
	it('go in as structure where nothing is lost, and their syntax is known', () => {
		const template = choose(native());
		expect(template.facts).toEqual({
			source: 'own',
			system: 'own',
			tools: 'native',
			syntax: 'hermes-json',
			losses: []
		});
		const text = write(template, agent, tools);
		expect(text).toContain('"description": "Looks"');
		expect(text).toContain(
			'[assistant <tool_call>{"name": "look", "arguments": {"where": "x"}}</tool_call>][tool R]>'
		);
	});

	it('have arguments as text where the template joins them with text', () => {
		const source = native({ args: "'' + c.function.arguments" });
		expect(write(choose(source), agent, tools)).toContain('"arguments": {"where": "x"}}');
	});

	it('keep numbers as they were written', () => {
		const made: ToolCall = {
			id: 'call_0',
			type: 'function',
			function: {
				name: 'look',
				arguments: { where: 2, far: 12345678901234567890n },
				argumentsText: '{"where": 2.0, "far": 12345678901234567890}'
			}
		};
		const text = write(choose(native()), [user('U'), calls('', made), answer('call_0', 'R')], tools);
		expect(text).toContain('{"where": 2.0, "far": 12345678901234567890}');
	});

	it('have ids of nine letters and digits where others are refused, calls and results alike', () => {
		const start =
			"{% for c in m.tool_calls or [] %}{% if c.id|length != 9 %}{{ raise_exception('length 9!') }}{% endif %}({{ c.id }}){% endfor %}{% if m.role == 'tool' %}({{ m.tool_call_id }}){% endif %}";
		const ids = [...write(choose(native({ start })), agent, tools).matchAll(/\((\w{9})\)/g)].map(
			([, id]) => id
		);
		expect(ids).toHaveLength(2);
		expect(ids[0]).toBe(ids[1]);
	});

	it('go in one call at a time where several are refused', () => {
		const start = "{% if m.tool_calls and m.tool_calls|length > 1 %}{{ raise_exception('one') }}{% endif %}";
		const text = write(
			choose(native({ start })),
			[user('U'), calls('W', call('a', 'x'), call('b', 'y')), answer('a', 'RA'), answer('b', 'RB')],
			tools
		);
		expect(text).toMatch(
			/\[assistant W<tool_call>.*"x".*\]\[tool RA\]\[assistant <tool_call>.*"y".*\]\[tool RB\]>$/
		);
	});

	it('have words apart from calls where the template drops them', () => {
		const content = '{% if not m.tool_calls %}{{ m.content }}{% endif %}';
		const text = write(
			choose(native({ content })),
			[user('U'), calls('W', call('a', 'x')), answer('a', 'R')],
			tools
		);
		expect(text).toContain('[assistant W][assistant <tool_call>');
	});

	it.each([
		['leaves out calls', plain('{% if loop.first %}{{ tools|tojson }}{% endif %}'), /leaves out calls/],
		[
			'leaves out results',
			native({ start: "{% if m.role == 'tool' %}{% continue %}{% endif %}" }),
			/results of calls/
		],
		['leaves out tools', plain(), /leaves out tools/]
	])('are Hermes text for a template that %s, and that is said', (_, source, loss) => {
		const template = choose(source);
		expect(template.facts).toMatchObject({
			tools: 'hermes',
			syntax: 'hermes-json',
			losses: [expect.stringMatching(loss)]
		});
		const expected = hermesMessages(agent, hermesToolsSection(tools));
		const text = write(template, agent, tools);
		for (const { content } of expected) expect(text).toContain(content);
		expect(() => choose(source, 'native')).toThrow(
			expect.objectContaining({ name: 'TemplateError', message: expect.stringMatching(loss) })
		);
	});

	it('are followed by calls in the words, in the syntax of models whose templates write none', () => {
		const template = choose(
			`{# <|tool_list_start|> #}${plain('{% if loop.first %}{{ tools|tojson if tools }}{% endif %}')}`
		);
		expect(template.facts).toMatchObject({ tools: 'native', syntax: 'lfm2-pythonic' });
		expect(write(template, agent, tools)).toContain('<|tool_call_start|>[look(where="x")]<|tool_call_end|>');
	});

	it('have thoughts under the name that the template reads, and no other does', () => {
		const thought: Message = { ...calls('', call('call_0', 'x')), reasoning: 'T' };
		const conversation = [user('U'), thought, answer('call_0', 'R')];
		expect(
			write(choose(native({ content: '{{ m.reasoning_content }}{{ m.content }}' })), conversation, tools)
		).toContain('[assistant T<');
		expect(
			write(choose(native({ content: '{{ m.thinking }}{{ m.content }}' })), conversation, tools)
		).toContain('[assistant T<');
		expect(write(choose(native()), conversation, tools)).not.toContain('T<');
	});
});

describe('a template that cannot be used', () => {
	it.each([
		['cannot be parsed', '{% for %}', /cannot be used/],
		['always refuses', "{{ raise_exception('never') }}", /never/],
		['writes nothing', '{# #}', /leaves out what the user says/],
		['leaves a side out', '{{ messages[2].content }}', /leaves out what the user says/],
		[
			'loops for very long',
			'{% for i in range(1000000000000) %}{% endfor %}',
			/loops more than 100000 times/
		],
		['calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /cannot be used/]
	])('that %s is an error that says so', (_, source, message) => {
		expect(() => choose(source)).toThrow(
			expect.objectContaining({ name: 'TemplateError', message: expect.stringMatching(message) })
		);
	});

	it('is replaced by ChatML if its model was trained on that, and that is said', () => {
		const template = choose("{{ '<|im_start|>' }}{% nowhere %}");
		expect(template.facts).toMatchObject({
			source: 'chatml',
			losses: [expect.stringMatching(/plain ChatML/)]
		});
		expect(write(template, [user('U')])).toBe('<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n');
	});

	it('refuses a conversation when it comes to that', () => {
		const template = choose(`{{ raise_exception('too long') if messages|length > 12 }}${plain()}`);
		const long = Array.from({ length: 13 }, (_, index) => (index % 2 === 0 ? user('U') : says('A')));
		expect(() => write(template, long)).toThrow(
			expect.objectContaining({ name: 'TemplateRefusal', message: 'too long' })
		);
	});
});
