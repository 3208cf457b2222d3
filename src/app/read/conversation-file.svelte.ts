import {
	readChatLines,
	type ReadConversation,
	type ReadProblem,
	type RecordPlace
} from '../../dialogue/openai-read.ts';
import { formatCount } from '../format.ts';

/** A file of conversations, and the one of them that is looked at. */
export class ConversationFile {
	name = $state<string>();
	conversations = $state.raw<readonly ReadConversation[]>([]);
	problems = $state.raw<readonly ReadProblem[]>([]);
	chosen = $state.raw<ReadConversation>();

	async open(file: File): Promise<void> {
		const { conversations, problems } = readChatLines(await file.text());
		this.name = file.name;
		this.conversations = conversations;
		this.problems = problems;
		this.chosen = conversations[0];
	}
}

/** `Line 3`, `Item 2`, `Line 3, item 2`. */
export function placeOf({ line, item }: RecordPlace): string {
	if (item === undefined) return `Line ${formatCount(line)}`;
	return line === 1 ? `Item ${formatCount(item)}` : `Line ${formatCount(line)}, item ${formatCount(item)}`;
}
