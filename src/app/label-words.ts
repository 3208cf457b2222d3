import type { Label } from '../harvest/labels.ts';

/** What becomes of a message in a dataset, as the page shows it: a sign, a word and why. */
export interface LabelWords {
	readonly tone: Label['label'];
	readonly sign: string;
	readonly text: string;
	/** What should be looked at; absent if there is nothing. */
	readonly warning?: string;
}

export function labelWords(label: Label): LabelWords {
	switch (label.label) {
		case 'good':
			return {
				tone: 'good',
				sign: '✓',
				text: 'good: on the golden path',
				...(label.claims && { warning: `says ${label.claims.join(', ')}, which nobody had said before` })
			};
		case 'bad':
			return { tone: 'bad', sign: '✗', text: `bad: ${label.cause}` };
		case 'unused':
			return {
				tone: 'unused',
				sign: '–',
				text: `unused: ${label.reason}${label.detail === undefined ? '' : ` (${label.detail})`}`
			};
	}
}
