/** What stands for the other side where it has not spoken yet: a user simulator speaks first, and most templates begin with the user. */
export const opener = 'Begin.';

interface Turn {
	readonly role: string;
}

/** Messages in which the other side has spoken before the model does: `first` is put after the system messages if it has not. */
export function begunBy<T extends Turn>(first: T, messages: readonly T[]): readonly T[] {
	const at = messages.findIndex(({ role }) => role !== 'system');
	const start = at < 0 ? messages.length : at;
	if (messages[start]?.role === first.role) return messages;
	return [...messages.slice(0, start), first, ...messages.slice(start)];
}

interface Spoken extends Turn {
	readonly content: string | null;
	readonly tool_calls?: unknown;
}

/** Neighbours of one role as one message, an empty line between them. Messages with calls, and results of calls, stay as they are. */
export function joinedTurns<T extends Spoken>(messages: readonly T[]): readonly T[] {
	const joined: T[] = [];
	for (const message of messages) {
		const last = joined.at(-1);
		if (last && isSpoken(last) && isSpoken(message) && last.role === message.role) {
			joined[joined.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` };
		} else {
			joined.push(message);
		}
	}
	return joined;
}

function isSpoken({ role, content, tool_calls: calls }: Spoken): boolean {
	return role !== 'tool' && content !== null && calls === undefined;
}

/** Without system messages: what they say leads the first user message, which is made if none comes first. */
export function systemInUser<T extends Spoken>(
	messages: readonly T[],
	user: (content: string) => T
): readonly T[] {
	const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
	const rest = messages.filter(({ role }) => role !== 'system');
	if (system.length === 0) return rest;
	const [first, ...others] = rest;
	return first?.role === 'user'
		? [{ ...first, content: [...system, first.content].join('\n\n') }, ...others]
		: [user(system.join('\n\n')), ...rest];
}
