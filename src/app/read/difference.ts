import { jsonText, type JsonRecord } from '../../base/json.ts';
import type { ReadMessage } from '../../dialogue/read-message.ts';
import { messageKey } from '../../harvest/message-key.ts';

/** Position of the first message that two conversations do not share, ids of calls and thoughts aside; `undefined` if they say the same. */
export function firstDifference(a: readonly ReadMessage[], b: readonly ReadMessage[]): number | undefined {
	for (let index = 0; index < Math.max(a.length, b.length); index++) {
		const [one, other] = [a[index], b[index]];
		if (!one || !other || keyOf(one) !== keyOf(other)) return index;
	}
	return undefined;
}

/** Equal for messages that say, and hold, the same, whatever was thought before. */
function keyOf(message: ReadMessage): string {
	const { verdict, refusal, rest } = message;
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	const numbers = calls.map((call) => call.function.argumentsText ?? '');
	return jsonText([messageKey(message), ...numbers, verdict ?? '', refusal ?? '', rest ?? null]);
}

/** Names of the columns beside the conversation in which two records differ. */
export function differingColumns(a: JsonRecord = {}, b: JsonRecord = {}): string[] {
	const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
	return names.filter((name) => jsonText(a[name] ?? null) !== jsonText(b[name] ?? null));
}
