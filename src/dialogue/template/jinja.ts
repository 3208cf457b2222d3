import { Environment, parse, tokenize } from '@huggingface/jinja';
import { PythonicInterpreter, withNestedBlocks } from './jinja-interpreter.ts';
import { valueOf, type LibraryValue } from './jinja-values.ts';

/*
 * The one way in which Joshtree renders chat templates, which anybody may have written: by the parser and most of the interpreter of
 * `@huggingface/jinja`, corrected where it differs from Jinja2 in the way transformers sets that up (a sandbox, blocks trimmed, `tojson`
 * that keeps the order of keys and all letters).
 */

/** Some templates print today's date. Neither a prompt nor a report may change overnight, so it is always this day. */
export const templateDate = '26 Jul 2024';

/** The template itself says no, by `raise_exception`; other errors are those of values that it does not take, or of the engine here. */
export class TemplateRefusal extends Error {
	override readonly name = 'TemplateRefusal';
}

/** Numbers that `range` may give in one rendering. Jinja has no other way to loop for long. */
const rangeBudget = 100_000;

/** A parsed template. */
export class JinjaTemplate {
	readonly #program;

	/** @throws {Error} if the source cannot be parsed */
	constructor(source: string) {
		this.#program = withNestedBlocks(parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
	}

	/**
	 * @param values by their names, each as `valueOf` takes it, or a function of plain values
	 * @throws {TemplateRefusal} if the template says no
	 * @throws {Error} if it cannot be rendered with these values
	 */
	render(values: Readonly<Record<string, unknown>>): string {
		const environment = new Environment();
		for (const [name, value] of Object.entries({ ...globals(), ...values })) {
			if (typeof value === 'function') environment.set(name, value);
			else environment.setVariable(name, valueOf(value) as LibraryValue);
		}
		return String(new PythonicInterpreter(environment).run(this.#program).value);
	}
}

function globals() {
	let left = rangeBudget;
	return {
		true: true,
		True: true,
		false: false,
		False: false,
		none: null,
		None: null,
		strftime_now: () => templateDate,
		raise_exception: (reason: unknown): never => {
			throw new TemplateRefusal(String(reason));
		},
		range: (from: number, to?: number, step = 1): number[] => {
			const [start, stop] = to === undefined ? [0, from] : [from, to];
			const length = Math.max(0, Math.ceil((stop - start) / step));
			left -= length;
			// Also if the step is 0 or something is not a number.
			if (!(left >= 0)) throw new TemplateRefusal(`it loops more than ${rangeBudget} times`);
			return Array.from({ length }, (_, index) => start + index * step);
		}
	};
}
