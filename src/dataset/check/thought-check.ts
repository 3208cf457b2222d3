import type { ExampleCheck } from './check.ts';
import { thoughtOf } from '../thoughts.ts';
import { conversationsOf } from './conversations.ts';
import type { Rendering } from './rendering.ts';

/**
 * Thoughts that rows hold come through the target's chat template. Many templates leave out those of earlier turns, and some know none
 * under this name; nothing wrong is learnt then, but what was asked for is not learnt either.
 */
export function thoughtCheck(rendering: Rendering): ExampleCheck {
	return {
		*check(example, tools) {
			for (const { prompt, learnt } of conversationsOf(example)) {
				const thoughts = learnt.flatMap((message, at) => {
					const text = thoughtOf(message)?.trim();
					return text ? [{ at, text }] : [];
				});
				if (thoughts.length === 0) continue;
				const whole = rendering.whole([...prompt, ...learnt], tools);
				if ('problem' in whole) continue;
				const lost = thoughts.filter(({ text }) => !whole.text.includes(text)).map(({ at }) => at);
				if (lost.length === 0) continue;
				yield {
					severity: 'warning',
					reason: 'the chat template leaves out thoughts',
					detail: `before message ${lost.join(', ')}`
				};
			}
		}
	};
}
