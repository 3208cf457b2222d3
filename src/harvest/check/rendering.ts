import { Template } from '@huggingface/jinja';
import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { messagesColumn, toolsColumn } from '../formats/columns.ts';
import type { TargetModel } from './check.ts';

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

/** Some templates print today's date. A report must not change overnight, so it is always this day. */
const fixedDate = '{%- macro strftime_now(format) -%}26 Jul 2024{%- endmacro -%}';

/** What templates call to say no; ours, to tell it from faults of the engine. */
const ownRefusal = '{%- set raise_exception = refuse -%}';

class Refusal extends Error {}

function refuse(reason: unknown): never {
	throw new Refusal(String(reason));
}

/** Texts kept, more than one search has; one search's examples share most of their prompts. */
const keptTexts = 256;

/**
 * Renders conversations as trainers do: tools passed, arguments as objects, `content` "" beside calls. Nothing else is passed, as
 * TRL passes nothing else by itself.
 */
export class Rendering {
	readonly #target: TargetModel;
	readonly #template: Template;
	readonly #kept = new Map<string, Rendered>();
	readonly #tools = new WeakMap<readonly ToolSpec[], string>();

	/** @throws {TargetError} if the template cannot be parsed */
	constructor(target: TargetModel) {
		this.#target = target;
		try {
			this.#template = new Template(fixedDate + ownRefusal + target.chatTemplate);
		} catch (error) {
			throw new TargetError(
				`The chat template of ${target.name} cannot be read: ${messageOf(error)}. Choose another model, or none.`,
				{ cause: error }
			);
		}
	}

	/** Up to where the model's answer starts. */
	prompt(messages: readonly Message[], tools: readonly ToolSpec[]): Rendered {
		return this.#render(messages, tools, true);
	}

	/** A conversation that is over. */
	whole(messages: readonly Message[], tools: readonly ToolSpec[]): Rendered {
		return this.#render(messages, tools, false);
	}

	#render(messages: readonly Message[], tools: readonly ToolSpec[], asksForMore: boolean): Rendered {
		const key = `${asksForMore} ${this.#toolsKey(tools)} ${JSON.stringify(messages)}`;
		let rendered = this.#kept.get(key);
		if (!rendered) {
			rendered = this.#renderNew(messages, tools, asksForMore);
			this.#kept.set(key, rendered);
			// A map lists the oldest first.
			if (this.#kept.size > keptTexts) this.#kept.delete(this.#kept.keys().next().value!);
		}
		return rendered;
	}

	#renderNew(messages: readonly Message[], tools: readonly ToolSpec[], asksForMore: boolean): Rendered {
		const { bosToken = '', eosToken = '' } = this.#target;
		try {
			const text = this.#template.render({
				messages: messagesColumn(messages),
				tools: tools.length > 0 ? toolsColumn(tools) : null,
				add_generation_prompt: asksForMore,
				bos_token: bosToken,
				eos_token: eosToken,
				refuse
			});
			return { text };
		} catch (error) {
			return { problem: messageOf(error), isRefusal: error instanceof Refusal };
		}
	}

	#toolsKey(tools: readonly ToolSpec[]): string {
		let key = this.#tools.get(tools);
		if (key === undefined) {
			key = JSON.stringify(tools);
			this.#tools.set(tools, key);
		}
		return key;
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
