import type { Message } from '../../dialogue/message.ts';
import { readChatLines, type ReadConversation } from '../../dialogue/openai-read.ts';

/** A file of conversations, and the one of them that is looked at. */
export class ConversationFile {
	name = $state<string>();
	conversations = $state.raw<readonly ReadConversation[]>([]);
	problems = $state.raw<ReturnType<typeof readChatLines>['problems']>([]);
	/** Its line. */
	line = $state<number>();
	readonly messages: readonly Message[] | undefined = $derived(
		this.conversations.find(({ line }) => line === this.line)?.messages
	);

	async open(file: File): Promise<void> {
		const { conversations, problems } = readChatLines(await file.text());
		this.name = file.name;
		this.conversations = conversations;
		this.problems = problems;
		this.line = conversations[0]?.line;
	}
}
