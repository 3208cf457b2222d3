import type { ToolSpec } from '../tool.ts';
import { JinjaTemplate, templateDate, TemplateRefusal } from './jinja.ts';
import type { WireMessage } from './wire.ts';

export interface TemplateTokens {
	readonly bos: string;
	readonly eos: string;
	/** The tokenizer puts the bos token first by itself. */
	readonly addsBos: boolean;
}

/** A model's template with what it is always given. */
export class TemplateRenderer {
	readonly #template: JinjaTemplate;
	readonly #tokens: TemplateTokens;

	/** @throws {Error} if the source cannot be parsed */
	constructor(source: string, tokens: TemplateTokens) {
		this.#template = new JinjaTemplate(source);
		this.#tokens = tokens;
	}

	/**
	 * The text up to where the model's reply begins. Thinking is switched off where the template has that switch; one that throws for the
	 * switch is not given it.
	 * @throws {TemplateRefusal} if the template does not take these messages
	 */
	render(messages: readonly WireMessage[], tools: readonly ToolSpec[]): string {
		const values = {
			messages,
			tools:
				tools.length === 0
					? null
					: tools.map(({ name, description, parameters }) => ({
							type: 'function',
							function: { name, description, parameters }
						})),
			add_generation_prompt: true,
			bos_token: this.#tokens.bos,
			eos_token: this.#tokens.eos,
			date_string: templateDate
		};
		const text = this.#firstOf([
			{ ...values, enable_thinking: false },
			values,
			// Some of those made for tools loop over them in any case.
			...(tools.length === 0 ? [{ ...values, tools: [] }] : [])
		]);
		const { bos, addsBos } = this.#tokens;
		return addsBos && bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text;
	}

	/** @throws {TemplateRefusal} what the first values meet, if none can be rendered */
	#firstOf(attempts: readonly Readonly<Record<string, unknown>>[]): string {
		let refusal: TemplateRefusal | undefined;
		for (const values of attempts) {
			try {
				return this.#template.render(values);
			} catch (error) {
				refusal ??= asRefusal(error);
			}
		}
		throw refusal!;
	}
}

function asRefusal(error: unknown): TemplateRefusal {
	if (error instanceof TemplateRefusal) return error;
	return new TemplateRefusal(error instanceof Error ? error.message : String(error), { cause: error });
}
