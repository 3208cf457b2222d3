import { parseJson } from '../../../src/base/json-read.ts';
import type { Json } from '../../../src/base/json.ts';
import { causeOfFailure } from '../../../src/evaluation/cause.ts';
import type { FaultDriver } from '../fault-case.ts';

/**
 * `values.json` has lists of a goal's value, what the user said and, if a tool answered, what. The user then ended the conversation, and
 * the goal's call was not made: the cause of each failure.
 */
const cause: FaultDriver = ({ text }) =>
	(parseJson(text('values.json')) as unknown as [Json, string, Json?][]).map(([value, said, answer]) => {
		const goal = { id: 'g', label: 'plan', call: { name: 'plan', arguments: { value } } };
		return causeOfFailure({
			transcript: [
				{ role: 'user', content: said, seenBy: 'both' },
				...(answer === undefined
					? []
					: [
							{
								role: 'tool',
								content: JSON.stringify(answer),
								tool_call_id: 'c',
								name: 'find',
								seenBy: 'agent'
							} as const
						])
			],
			calls: [],
			agentTurns: 1,
			end: { reason: 'user' },
			reward: 0,
			failed: [goal],
			tokens: { prompt: 0, completion: 0 }
		});
	});

export default cause;
