import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { answerKey, pairCheck } from './answer-key.ts';
import type { ExampleCheck, Issue, TargetModel } from './check.ts';
import { controlTokenCheck } from './control-tokens.ts';
import { formOf } from './probe-form.ts';
import { Rendering } from './rendering.ts';
import { templateCheck } from './template-check.ts';
import { writtenCallsCheck } from './written-calls-check.ts';

/** All that is asked of examples because of the model that will be trained. */
export function targetChecks(target: TargetModel, rendering: Rendering): readonly ExampleCheck[] {
	return [
		templateCheck(target, rendering),
		pairCheck(answerKey(target, rendering)),
		controlTokenCheck(target),
		writtenCallsCheck(rendering.form)
	];
}

/**
 * What a dataset that is made for a model would be told of these examples: in the form of rows that its chat template asks for.
 * @throws {TargetError} if the template cannot be parsed
 */
export function templateFindings(
	target: TargetModel,
	examples: Iterable<TrainingExample>,
	tools: readonly ToolSpec[]
): Issue[] {
	const checks = targetChecks(target, new Rendering(target, { form: formOf(target) }));
	return [...examples].flatMap((example) => checks.flatMap((check) => [...check.check(example, tools)]));
}
