import type { Message } from '../../dialogue/message.ts';
import { isSameMessage } from '../../harvest/identity.ts';

/** Position of the first message that two conversations do not share, ids of calls aside; `undefined` if they say the same. */
export function firstDifference(a: readonly Message[], b: readonly Message[]): number | undefined {
	for (let index = 0; index < Math.max(a.length, b.length); index++) {
		const [one, other] = [a[index], b[index]];
		if (!one || !other || !isSameMessage(one, other)) return index;
	}
	return undefined;
}
