import { columnNotes } from '../../../src/dataset/check/column-notes.ts';
import { ColumnCheck } from '../../../src/dataset/check/prefix-check.ts';
import type { FaultCase } from '../fault-case.ts';

/** What people are told of the columns of `rows.jsonl`, where the trainer opens the file by itself and where the card declares them. */
export default function columns(fault: FaultCase): unknown {
	const told = (isDeclared: boolean) => {
		const check = new ColumnCheck();
		for (const line of fault.text('rows.jsonl').trimEnd().split('\n'))
			check.row('rows.jsonl', line, isDeclared);
		return check
			.report()
			.flatMap(columnNotes)
			.map(({ isWarning, text }) => `${isWarning ? 'warning: ' : ''}${text}`);
	};
	return { alone: told(false), declared: told(true) };
}
