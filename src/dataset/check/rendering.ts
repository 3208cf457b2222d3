import { writeJson } from '../../base/json.ts';
import type { Message } from '../../dialogue/message.ts';
import { JinjaTemplate, TemplateRefusal } from '../../dialogue/template/jinja.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { toolsColumn } from '../formats/columns.ts';
import { conversationColumn } from '../formats/target-column.ts';
import { plainForm, type TargetForm } from '../formats/target-form.ts';
import type { ThoughtMember } from '../thoughts.ts';
import type { TargetModel } from './check.ts';
import { templateValue, withNumbers } from './template-numbers.ts';

/** What became of a conversation. The same conversation gives the same object for a while, so others can note things beside it. */
export type Rendered = { readonly text: string } | Unrendered;

export interface Unrendered {
	readonly problem: string;
	/** The template itself says no, so a trainer will stop; else it may be that only the engine here cannot do it. */
	readonly isRefusal: boolean;
}

/** The target cannot be used at all; the message says why and what to do about it. */
export class TargetError extends Error {
	override readonly name = 'TargetError';
}

/**
 * Texts kept: as many prompts as a search has turns, since its examples share them, and of whole conversations the last few, which are
 * asked for by one check after the other. More would only outlive their search.
 */
const keptTexts = { prompts: 48, wholes: 8 } as const;

/**
 * Renders conversations as trainers do: messages as they stand in the rows, and the tools. Nothing else is passed, as TRL passes nothing
 * else by itself.
 */
export class Rendering {
	/** Of the rows. */
	readonly form: TargetForm;
	readonly #target: TargetModel;
	readonly #thoughts: ThoughtMember | undefined;
	readonly #template: JinjaTemplate;
	/** Of these the texts are. */
	#tools: readonly ToolSpec[] = [];
	readonly #prompts = new Recent<Rendered>(keptTexts.prompts);
	readonly #wholes = new Recent<Rendered>(keptTexts.wholes);

	/**
	 * @param rows their form, and what they call thoughts
	 * @throws {TargetError} if the template cannot be parsed
	 */
	constructor(
		target: TargetModel,
		rows: { readonly form?: TargetForm; readonly thoughts?: ThoughtMember | undefined } = {},
		template = parsed(target)
	) {
		this.form = rows.form ?? plainForm;
		this.#target = target;
		this.#thoughts = rows.thoughts;
		this.#template = template;
	}

	/** The same of rows in another form. */
	inForm(form: TargetForm): Rendering {
		return new Rendering(this.#target, { form, thoughts: this.#thoughts }, this.#template);
	}

	/** Up to where the model's answer starts. */
	prompt(messages: readonly Message[], tools: readonly ToolSpec[]): Rendered {
		this.#forgetOther(tools);
		return this.#prompts.get(writeJson(messages), () => this.#render(messages, tools, true));
	}

	/** A conversation that is over. */
	whole(messages: readonly Message[], tools: readonly ToolSpec[]): Rendered {
		this.#forgetOther(tools);
		return this.#wholes.get(writeJson(messages), () => this.#render(messages, tools, false));
	}

	#forgetOther(tools: readonly ToolSpec[]): void {
		if (tools === this.#tools) return;
		this.#tools = tools;
		this.#prompts.clear();
		this.#wholes.clear();
	}

	#render(messages: readonly Message[], tools: readonly ToolSpec[], asksForMore: boolean): Rendered {
		const { bosToken = '', eosToken = '' } = this.#target;
		try {
			const text = this.#template.render({
				messages: templateValue(
					conversationColumn(messages, {
						tools,
						form: this.form,
						...(this.#thoughts && { thoughts: this.#thoughts })
					})
				),
				tools: tools.length > 0 ? templateValue(toolsColumn(tools)) : null,
				add_generation_prompt: asksForMore,
				bos_token: bosToken,
				eos_token: eosToken
			});
			return { text: withNumbers(text) };
		} catch (error) {
			return { problem: messageOf(error), isRefusal: error instanceof TemplateRefusal };
		}
	}
}

function parsed({ name, chatTemplate }: TargetModel): JinjaTemplate {
	try {
		return new JinjaTemplate(chatTemplate);
	} catch (error) {
		throw new TargetError(
			`The chat template of ${name} cannot be read: ${messageOf(error)}. Choose another model, or none.`,
			{ cause: error }
		);
	}
}

/** The values that were made last, by key. */
class Recent<Value> {
	readonly #size: number;
	readonly #values = new Map<string, Value>();

	constructor(size: number) {
		this.#size = size;
	}

	get(key: string, make: () => Value): Value {
		let value = this.#values.get(key);
		if (value === undefined) {
			value = make();
			this.#values.set(key, value);
			// A map lists the oldest first.
			if (this.#values.size > this.#size) this.#values.delete(this.#values.keys().next().value!);
		}
		return value;
	}

	clear(): void {
		this.#values.clear();
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
