import type { ToolSpec } from '../../../src/dialogue/tool.ts';
import { SelfCheck } from '../../../src/dataset/check/self-check.ts';
import { targetFromFiles, type TokenizerFiles } from '../../../src/dataset/check/target-files.ts';
import type { TrainingExample } from '../../../src/harvest/examples.ts';
import { origin } from '../../dataset/check-examples.ts';
import type { FaultCase } from '../fault-case.ts';

/**
 * What the self-check says of `examples.jsonl` for the model of `chat_template.jinja` and, where it is there, `tokenizer.json`: by line, why
 * the example must not be written, or null; and all findings with their details. `tools.json` may hold tools.
 */
export default function selfCheck(fault: FaultCase): unknown {
	const files: TokenizerFiles = {
		'chat_template.jinja': fault.text('chat_template.jinja'),
		...(fault.has('tokenizer.json') && { 'tokenizer.json': fault.text('tokenizer.json') })
	};
	const tools = fault.has('tools.json') ? (JSON.parse(fault.text('tools.json')) as ToolSpec[]) : [];
	const check = new SelfCheck(targetFromFiles('the model', files));
	const lines = fault.text('examples.jsonl').trimEnd().split('\n');
	const refusals = lines.map((line, index) => {
		const example = { ...(JSON.parse(line) as object), origin: { ...origin, scenario: `line ${index + 1}` } };
		return check.example(example as TrainingExample, tools) ?? null;
	});
	const findings = check.report().findings.map(({ severity, reason, examples, first }) => ({
		severity,
		reason,
		examples,
		first: first.map(({ row, detail }) => `${/line \d+/.exec(row)![0]}: ${detail}`)
	}));
	return { refusals, findings };
}
