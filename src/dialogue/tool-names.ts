import { groupBy } from '../base/group.ts';
import { fnv1a32 } from '../base/hash.ts';
import type { AssistantMessage, Message } from './message.ts';

/** What the OpenAI API takes for a function's name, and most that follow it. MCP servers also have `.`, `/` and longer ones. */
const allowed = /^[\w-]{1,64}$/;

/**
 * Names for tools where only OpenAI's are taken. A name that is allowed stays. Of another, each character that is not becomes `_` and
 * 64 of them stay; if that is the name of a second tool as well, a hash of the whole name is put behind it. It does not depend on the
 * order of the tools.
 */
export class ToolNames {
	/** New names by old ones: of those that differ. */
	readonly changes: ReadonlyMap<string, string>;
	readonly #old: ReadonlyMap<string, string>;

	constructor(tools: readonly { readonly name: string }[]) {
		const names = [...new Set(tools.map(({ name }) => name))];
		const plain = groupBy(names, shortened);
		const taken = new Set(plain.keys());
		const changes = new Map<string, string>();
		for (const name of names.filter((one) => !allowed.test(one)).sort()) {
			const candidate = shortened(name);
			const isShared = plain.get(candidate)!.length > 1;
			const unique = isShared ? hashed(name, taken) : candidate;
			taken.add(unique);
			changes.set(name, unique);
		}
		this.changes = changes;
		this.#old = new Map([...changes].map(([name, changed]) => [changed, name]));
	}

	/** Tools under their new names. */
	tools<Tool extends { readonly name: string }>(tools: readonly Tool[]): Tool[] {
		return tools.map((tool) => ({ ...tool, name: this.#new(tool.name) }));
	}

	/** Calls and answers under the new names of their tools. */
	messages(messages: readonly Message[]): Message[] {
		return messages.map((message) =>
			message.role === 'tool'
				? { ...message, name: this.#new(message.name) }
				: message.role === 'assistant'
					? withNames(message, (name) => this.#new(name))
					: message
		);
	}

	/** A reply that used the new names, or the old ones. */
	restored(message: AssistantMessage): AssistantMessage {
		return withNames(message, (name) => this.#old.get(name) ?? name);
	}

	/** Whether a call of this name can be written and read back: not so of a name that no tool has, but a model made up. */
	has(name: string): boolean {
		return this.changes.has(name) || allowed.test(name);
	}

	/** A name that no tool has comes from a model. */
	#new(name: string): string {
		return this.changes.get(name) ?? (allowed.test(name) ? name : shortened(name));
	}
}

function shortened(name: string): string {
	return name.replaceAll(/[^\w-]/g, '_').slice(0, 64) || '_';
}

function hashed(name: string, taken: ReadonlySet<string>): string {
	for (let attempt = 0; ; attempt++) {
		const hash = fnv1a32(`${name}${attempt || ''}`)
			.toString(16)
			.padStart(8, '0');
		const candidate = `${shortened(name).slice(0, 55)}_${hash}`;
		if (!taken.has(candidate)) return candidate;
	}
}

function withNames(message: AssistantMessage, change: (name: string) => string): AssistantMessage {
	if (!message.tool_calls) return message;
	return {
		...message,
		tool_calls: message.tool_calls.map((call) => ({
			...call,
			function: { ...call.function, name: change(call.function.name) }
		}))
	};
}
