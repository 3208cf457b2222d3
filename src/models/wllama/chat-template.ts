import { writeChatml, chatmlGenerationPrompt } from '../../dialogue/chatml.ts';
import type { PlainMessage } from '../../dialogue/message.ts';
import { JinjaTemplate, templateDate } from '../../dialogue/template/jinja.ts';
import { ModelLoadError, PromptError } from '../language-model.ts';

/**
 * Turns messages into the text that a model reads, up to where its reply starts.
 * @throws {PromptError} if the template does not take these messages
 */
export type RenderPrompt = (messages: readonly PlainMessage[]) => string;

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
	try {
		const render = renderer(new JinjaTemplate(source), tokens);
		const text = render(probe);
		const lost = probe.find(({ content }) => !text.includes(content));
		if (lost) throw new PromptError(`it leaves out what the ${lost.role} says`);
		return takesSystem(render) ? render : (messages) => render(systemInUser(messages));
	} catch (error) {
		throw new ModelLoadError(
			`The model's chat template cannot be used: ${error instanceof Error ? error.message : String(error)}. Choose another conversion of the model.`,
			{ cause: error }
		);
	}
}

function renderer(template: JinjaTemplate, tokens: TemplateTokens): RenderPrompt {
	return (messages) => {
		let text: string;
		try {
			text = template.render({
				messages,
				add_generation_prompt: true,
				bos_token: tokens.bos,
				eos_token: tokens.eos,
				date_string: templateDate,
				enable_thinking: false
			});
		} catch (error) {
			throw new PromptError(error instanceof Error ? error.message : String(error), { cause: error });
		}
		// Whatever a template does with the words of a model, the last ones of its partner are what it has to answer.
		const last = messages.at(-1)?.content.trim() ?? '';
		if (text.trim() === '' || !text.includes(last))
			throw new PromptError(`it leaves out the last of ${messages.length} messages`);
		return tokens.addsBos && tokens.bos !== '' && text.startsWith(tokens.bos)
			? text.slice(tokens.bos.length)
			: text;
	};
}

const probe: readonly PlainMessage[] = [
	{ role: 'user', content: 'first-probe' },
	{ role: 'assistant', content: 'second-probe' },
	{ role: 'user', content: 'third-probe' }
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
