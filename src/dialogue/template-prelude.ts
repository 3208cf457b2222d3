/*
 * What a chat template of a model, which anybody may have written, is rendered with by `@huggingface/jinja`, wherever that is done:
 * put `templatePrelude` before its source and `preludeValues()` among its values.
 */

/** Some templates print today's date. Neither a prompt nor a report may change overnight, so it is always this day. */
export const templateDate = '26 Jul 2024';

export const templatePrelude =
	`{%- macro strftime_now(format) -%}${templateDate}{%- endmacro -%}` +
	'{%- set raise_exception = refuse -%}{%- set range = bounded_range -%}';

/** The template itself says no, by `raise_exception`; other errors may be those of the engine here. */
export class TemplateRefusal extends Error {
	override readonly name = 'TemplateRefusal';
}

/** Numbers that `range` may give in one rendering. Jinja has no other way to loop for long. */
const rangeBudget = 100_000;

/** For one rendering. */
export function preludeValues() {
	let left = rangeBudget;
	return {
		refuse: (reason: unknown): never => {
			throw new TemplateRefusal(String(reason));
		},
		bounded_range: (from: number, to?: number, step = 1): number[] => {
			const [start, stop] = to === undefined ? [0, from] : [from, to];
			const length = Math.max(0, Math.ceil((stop - start) / step));
			left -= length;
			// Also if the step is 0 or something is no number.
			if (!(left >= 0)) throw new TemplateRefusal(`it loops more than ${rangeBudget} times`);
			return Array.from({ length }, (_, index) => start + index * step);
		}
	};
}
