import { writeJson } from '../../base/json.ts';
import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { messagesColumn, toolsColumn } from '../formats/columns.ts';
import type { LengthFigures, TargetModel } from './check.ts';
import { conversationsOf } from './conversations.ts';
import { Rendering, type Rendered } from './rendering.ts';

/** Of the examples of one kind. Plain JSON. */
export interface KindLengths {
	/** Up to where the answer starts; absent for SFT, which learns whole conversations. */
	readonly prompt?: LengthFigures;
	/** Prompt and answer; of DPO the longer of its two answers. */
	readonly whole: LengthFigures;
	/** The `max_length` that cuts nothing: a multiple of 64. */
	readonly keepsAll: number;
	/** The one that cuts at most one row in twenty. */
	readonly keepsMost: number;
	readonly withDefault: DefaultLoss;
}

/** Rows that TRL harms if nobody sets `max_length`; it warns of neither. */
export interface DefaultLoss {
	/** Longer than 1024 tokens: the end, so the answer, is cut off. */
	readonly cut: number;
	/** Of these, those whose prompt alone has 1024 tokens: KTO and DPO leave them out. */
	readonly dropped: number;
}

export interface LengthReport {
	/** `estimated`: from characters, three to a token, which is rather too many tokens than too few. */
	readonly tokens: 'counted' | 'estimated';
	/** Kinds without examples are absent. */
	readonly kinds: { readonly [Kind in TrainingExample['kind']]?: KindLengths };
}

/** Of SFT, DPO and KTO alike (TRL 1.16). */
export const trlDefaultMaxLength = 1024;

const charactersPerToken = 3;

/**
 * Adds up lengths. Without a target they are those of the conversation and its tools as JSON. 16 bytes of memory an example.
 * Prompt and answer are counted apart where the template lets them: the sum may be a token or two too high.
 */
export class Lengths {
	readonly #target: TargetModel | undefined;
	readonly #rendering: Rendering | undefined;
	readonly #counted = new WeakMap<Rendered, number>();
	readonly #kinds = new Map<TrainingExample['kind'], { prompt: number[]; whole: number[] }>();

	/** @throws {TargetError} if the target's template cannot be parsed */
	constructor(target?: TargetModel, rendering = target && new Rendering(target)) {
		this.#target = target;
		this.#rendering = rendering;
	}

	/** An example that cannot be rendered has no length. */
	add(example: TrainingExample, tools: readonly ToolSpec[]): void {
		const measured = conversationsOf(example).flatMap(
			({ prompt, learnt }) => this.#measure(prompt, learnt, tools) ?? []
		);
		if (measured.length === 0) return;
		let lists = this.#kinds.get(example.kind);
		if (!lists) this.#kinds.set(example.kind, (lists = { prompt: [], whole: [] }));
		lists.prompt.push(measured[0]!.prompt);
		lists.whole.push(Math.max(...measured.map(({ whole }) => whole)));
	}

	report(): LengthReport {
		const kinds = [...this.#kinds].map(([kind, { prompt, whole }]) => {
			const lengths: KindLengths = {
				...(kind !== 'sft' && { prompt: figures(prompt) }),
				whole: figures(whole),
				keepsAll: rounded(figures(whole).max),
				keepsMost: rounded(figures(whole).p95),
				withDefault: {
					cut: whole.filter((length) => length > trlDefaultMaxLength).length,
					dropped: prompt.filter((length) => length >= trlDefaultMaxLength).length
				}
			};
			return [kind, lengths] as const;
		});
		return {
			tokens: this.#target?.tokenize ? 'counted' : 'estimated',
			kinds: Object.fromEntries(kinds)
		};
	}

	#measure(
		prompt: readonly Message[],
		learnt: readonly Message[],
		tools: readonly ToolSpec[]
	): { readonly prompt: number; readonly whole: number } | undefined {
		const messages = [...prompt, ...learnt];
		if (!this.#rendering) {
			const toolsLength = tools.length > 0 ? jsonLength(toolsColumn(tools)) : 0;
			const tokens = (some: readonly Message[]) => estimate(toolsLength + jsonLength(messagesColumn(some)));
			return { prompt: prompt.length > 0 ? tokens(prompt) : 0, whole: tokens(messages) };
		}
		const whole = this.#rendering.whole(messages, tools);
		if ('problem' in whole) return undefined;
		if (prompt.length === 0) return { prompt: 0, whole: this.#count(whole.text) };
		const before = this.#rendering.prompt(prompt, tools);
		if ('problem' in before) return undefined;
		let promptTokens = this.#counted.get(before);
		if (promptTokens === undefined) {
			promptTokens = this.#count(before.text);
			this.#counted.set(before, promptTokens);
		}
		// Counting is slow and prompts are long, so each is counted once.
		const wholeTokens = whole.text.startsWith(before.text)
			? promptTokens + this.#count(whole.text.slice(before.text.length))
			: this.#count(whole.text);
		return { prompt: promptTokens, whole: wholeTokens };
	}

	#count(text: string): number {
		return this.#target?.tokenize?.(text).length ?? estimate(text.length);
	}
}

function estimate(characters: number): number {
	return Math.ceil(characters / charactersPerToken);
}

function jsonLength(value: unknown): number {
	return writeJson(value).length;
}

/** Of at least one length; p95 is the shortest that 95 % do not exceed. */
export function figures(lengths: readonly number[]): LengthFigures {
	const sorted = Float64Array.from(lengths).sort();
	const at = (share: number) => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)]!;
	return { count: sorted.length, median: at(0.5), p95: at(0.95), max: at(1) };
}

function rounded(length: number): number {
	return Math.ceil(length / 64) * 64;
}
