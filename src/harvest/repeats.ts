import { sha256 } from '../base/hash.ts';
import type { TrainingExample } from './examples.ts';
import { conversationKey, messageKey, nameOf } from './identity.ts';

export { nameOf };

/**
 * Knows the examples written so far, by hash. Two scenarios may begin with the same words: what the second repeats would be learnt
 * twice, and a message that was good in one and bad in the other would be learnt both ways. The first by row order stays.
 */
export class Repeats {
	readonly #written = new Map<string, Written>();

	/** Why the example must not be written; if there is no reason, it counts as written. */
	async objection(example: TrainingExample): Promise<string | undefined> {
		const key = await sha256(contentKey(example));
		const label = example.kind === 'kto' ? example.label : undefined;
		const earlier = this.#written.get(key);
		if (!earlier) {
			this.#written.set(key, { name: nameOf(example), label });
			return undefined;
		}
		return `${label === earlier.label ? 'repeats' : 'has the other label in'} the ${earlier.name}`;
	}
}

/** All that is kept of a written example, so that memory stays small. */
interface Written {
	readonly name: string;
	readonly label: boolean | undefined;
}

/** Without the label: the same message must not be both good and bad. */
function contentKey(example: TrainingExample): string {
	switch (example.kind) {
		case 'sft':
			return `sft\n${conversationKey(example.messages)}`;
		case 'kto':
			return `kto\n${conversationKey(example.prompt)}\n${messageKey(example.completion)}`;
		case 'dpo':
			return `dpo\n${conversationKey([...example.prompt, example.chosen, example.rejected])}`;
	}
}
