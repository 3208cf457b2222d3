import { Template } from '@huggingface/jinja';
import { writeChatml, chatmlGenerationPrompt } from '../../dialogue/chatml.ts';
import type { PlainMessage } from '../../dialogue/message.ts';
import { ModelLoadError } from '../language-model.ts';

/** Turns messages into the text that a model reads, up to where its reply starts. */
export type RenderPrompt = (messages: readonly PlainMessage[]) => string;

/** Some templates print today's date. A prompt must not change overnight, so it is always this day. */
const date = '26 Jul 2024';
const fixedDate = `{%- macro strftime_now(format) -%}${date}{%- endmacro -%}`;

export interface TemplateTokens {
	readonly bos: string;
	readonly eos: string;
	/** The tokenizer puts the bos token first by itself. */
	readonly addsBos: boolean;
}

/**
 * The renderer for a model's own chat template; ChatML if it has none. Thinking is switched off where the template has
 * that switch. For a template that refuses system messages, the system text leads the first user message.
 *
 * @throws {ModelLoadError} if the template cannot be parsed, or not even user and assistant messages rendered
 */
export function chatTemplate(source: string | null, tokens: TemplateTokens): RenderPrompt {
	if (source === null) return (messages) => writeChatml(messages) + chatmlGenerationPrompt;
	let render: RenderPrompt;
	try {
		const template = new Template(fixedDate + source);
		render = (messages) => {
			const text = template.render({
				messages,
				add_generation_prompt: true,
				bos_token: tokens.bos,
				eos_token: tokens.eos,
				date_string: date,
				enable_thinking: false
			});
			return tokens.addsBos && tokens.bos !== '' && text.startsWith(tokens.bos)
				? text.slice(tokens.bos.length)
				: text;
		};
		render(probe);
	} catch (error) {
		throw new ModelLoadError(
			`The model's chat template cannot be used: ${error instanceof Error ? error.message : String(error)}. Choose another conversion of the model.`,
			{ cause: error }
		);
	}
	return takesSystem(render) ? render : (messages) => render(systemInUser(messages));
}

const probe: readonly PlainMessage[] = [
	{ role: 'user', content: 'a' },
	{ role: 'assistant', content: 'b' },
	{ role: 'user', content: 'c' }
];

function takesSystem(render: RenderPrompt): boolean {
	const mark = 'system-probe';
	try {
		return render([{ role: 'system', content: mark }, ...probe]).includes(mark);
	} catch {
		return false;
	}
}

function systemInUser(messages: readonly PlainMessage[]): PlainMessage[] {
	const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
	const rest = messages.filter(({ role }) => role !== 'system');
	if (system.length === 0) return rest;
	const [first, ...others] = rest;
	return first?.role === 'user'
		? [{ role: 'user', content: [...system, first.content].join('\n\n') }, ...others]
		: [{ role: 'user', content: system.join('\n\n') }, ...rest];
}
