import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import type { DatasetSplit } from '../format.ts';
import { plainForm, type TargetForm } from '../formats/target-form.ts';
import { nameOf } from '../../harvest/example-name.ts';
import type { ThoughtMember } from '../thoughts.ts';
import { answerKey, type AnswerKey } from './answer-key.ts';
import type { ExampleCheck, Issue, TargetModel } from './check.ts';
import { trainingCommands } from './commands.ts';
import type { TrainingCommand } from './training-command.ts';
import { Lengths, type LengthReport } from './lengths.ts';
import { ColumnCheck, type PrefixReport } from './prefix-check.ts';
import { formOf } from './probe-form.ts';
import { Rendering } from './rendering.ts';
import { schemaCheck } from './schema-check.ts';
import { suggestions, type Suggestions } from './suggestions.ts';
import { targetChecks } from './target-checks.ts';
import { thoughtCheck } from './thought-check.ts';

/** What was found out about a dataset before it was written. Plain JSON, the same for the same examples in the same order. */
export interface CheckReport {
	/** The model that it was checked for; absent if none was chosen, and then no template was tried. */
	readonly target?: string;
	/** What is rewritten in the rows that are rendered with its template; absent if nothing is. */
	readonly form?: TargetForm;
	/** Examples looked at. */
	readonly examples: number;
	/** Examples with an error, which must not be written. */
	readonly refused: number;
	/** Errors first; then the commonest first. */
	readonly findings: readonly FindingGroup[];
	/** Of the examples without errors. */
	readonly lengths: LengthReport;
	/** By set of files that is loaded together. */
	readonly columns: readonly PrefixReport[];
	readonly suggestions: Suggestions;
	readonly commands: readonly TrainingCommand[];
}

/** All findings with the same reason. */
export interface FindingGroup {
	readonly severity: Issue['severity'];
	readonly reason: string;
	/** Examples that have it. */
	readonly examples: number;
	/** The first few. */
	readonly first: readonly { readonly row: string; readonly detail?: string }[];
}

/** Findings that are told of one by one. */
const toldOf = 5;

/** Holds a dataset against everything that can be known before it is written. */
export class SelfCheck {
	readonly #target: TargetModel | undefined;
	/** Of a target that was chosen; one that only stands in for it says nothing of what is the same. */
	readonly answerKey: AnswerKey | undefined;
	/** Of rows for the target; rows for one that only stands in for it stay as they are. */
	readonly form: TargetForm;
	readonly #checks: readonly ExampleCheck[];
	readonly #lengths: Lengths;
	readonly #groups = new Map<string, { -readonly [Key in keyof FindingGroup]: FindingGroup[Key] }>();
	readonly #columns = new ColumnCheck();
	readonly #labels = { good: 0, bad: 0 };
	readonly #paths = new Set<string>();
	#examples = 0;
	#refused = 0;

	/**
	 * @param isChosen whether the target is the model that will be trained. What the template of one that only stands in for it makes of
	 * an example, and which control tokens it has, is told, but keeps no example from being written.
	 * @param thoughts what rows call thoughts
	 * @throws {TargetError} if the target's template cannot be parsed
	 */
	constructor(target?: TargetModel, isChosen = true, thoughts?: ThoughtMember) {
		this.form = target && isChosen ? formOf(target) : plainForm;
		const rendering = target && new Rendering(target, { form: this.form, thoughts });
		const ofTarget = rendering ? targetChecks(target, rendering) : [];
		this.#target = target;
		this.#checks = [
			schemaCheck,
			...(isChosen ? ofTarget : ofTarget.map(warningsOnly)),
			...(isChosen && rendering && thoughts ? [thoughtCheck(rendering)] : [])
		];
		this.answerKey = isChosen && rendering ? answerKey(target, rendering) : undefined;
		// Another model has other tokens and is told of tools in other words: then an estimate that is rather too high is better.
		this.#lengths = isChosen ? new Lengths(target, rendering) : new Lengths();
	}

	/** Why the example must not be written; `undefined` if it may be. Examples of one search are best checked together. */
	example(
		example: TrainingExample,
		tools: readonly ToolSpec[],
		split: DatasetSplit = 'train'
	): string | undefined {
		this.#examples++;
		const issues = this.#checks.flatMap((check) => [...check.check(example, tools)]);
		this.#note(nameOf(example), issues);
		const error = issues.find(({ severity }) => severity === 'error');
		if (error) {
			this.#refused++;
			return error.detail === undefined ? error.reason : `${error.reason} (${error.detail})`;
		}
		this.#lengths.add(example, tools);
		if (example.kind === 'kto' && split === 'train') this.#labels[example.label ? 'good' : 'bad']++;
		return undefined;
	}

	/** A row as it is written; see `ColumnCheck`. */
	row(path: string, line: string, isDeclared = false): void {
		this.#paths.add(path);
		this.#columns.row(path, line, isDeclared);
	}

	report(): CheckReport {
		const lengths = this.#lengths.report();
		const advice = suggestions(lengths, this.#labels);
		const { name, repository } = this.#target ?? {};
		return {
			...(name !== undefined && { target: name }),
			...(this.form !== plainForm && { form: this.form }),
			examples: this.#examples,
			refused: this.#refused,
			findings: [...this.#groups.values()].sort(
				(a, b) => Number(b.severity === 'error') - Number(a.severity === 'error') || b.examples - a.examples
			),
			lengths,
			columns: this.#columns.report(),
			suggestions: advice,
			commands: trainingCommands({
				paths: [...this.#paths],
				...(repository !== undefined && { model: repository }),
				suggestions: advice
			})
		};
	}

	#note(row: string, issues: readonly Issue[]): void {
		const noted = new Set<string>();
		for (const { severity, reason, detail } of issues) {
			const key = `${severity} ${reason}`;
			if (noted.has(key)) continue;
			noted.add(key);
			const group = this.#groups.get(key) ?? { severity, reason, examples: 0, first: [] };
			this.#groups.set(key, group);
			group.examples++;
			if (group.first.length < toldOf)
				group.first = [...group.first, { row, ...(detail !== undefined && { detail }) }];
		}
	}
}

function warningsOnly(check: ExampleCheck): ExampleCheck {
	return {
		*check(example, tools) {
			for (const issue of check.check(example, tools)) yield { ...issue, severity: 'warning' };
		}
	};
}
