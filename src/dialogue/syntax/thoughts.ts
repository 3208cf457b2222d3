/** Tags around what a model thinks. */
export interface ThoughtSyntax {
	readonly open: string;
	readonly close: string;
	/** Whether the tags are control tokens of some vocabulary. */
	readonly isControl?: true;
	/** Its beginning may as well be words, so it is not a thought without its end. */
	readonly needsEnd?: true;
	/** It ends before this, too: what follows is meant, although the thought is not closed. */
	readonly endsBefore?: string;
}

/** How models mark what they think. A prompt may have opened it already, and a limit may cut it off. */
export const thoughtSyntaxes: readonly ThoughtSyntax[] = [
	{ open: '<think>', close: '</think>', isControl: true },
	{ open: '<thinking>', close: '</thinking>' },
	{ open: '<thought>', close: '</thought>' },
	{ open: '<seed:think>', close: '</seed:think>', isControl: true },
	{ open: '<mm:think>', close: '</mm:think>', isControl: true },
	{ open: '<longcat_think>', close: '</longcat_think>', isControl: true },
	{ open: '<think:opensource>', close: '</think:opensource>', isControl: true },
	{ open: '[THINK]', close: '[/THINK]', isControl: true },
	{ open: '<|channel>thought', close: '<channel|>', isControl: true },
	{ open: '<|START_THINKING|>', close: '<|END_THINKING|>', isControl: true },
	{ open: '<|inner_prefix|>', close: '<|inner_suffix|>', isControl: true, endsBefore: '<|tools_prefix|>' },
	{ open: '<|think|>', close: '<|end|>', isControl: true },
	{ open: '<|open|>think<|sep|>', close: '<|close|>think<|sep|>' },
	{ open: 'Here are my reasoning steps:\n', close: '[BEGIN FINAL RESPONSE]', needsEnd: true }
];

/** What stands around words or calls and is neither, wherever it is. */
export const frames: readonly string[] = [
	'<|START_RESPONSE|>',
	'<|END_RESPONSE|>',
	'<|START_TEXT|>',
	'<|END_TEXT|>',
	'[END FINAL RESPONSE]',
	'<|begin|>assistant',
	'<|content|>',
	'<|end|>',
	'<|eom_id|>',
	'<|tool_calls|>',
	'<|calls|>',
	'<tool_calls:opensource>',
	'</tool_calls:opensource>',
	'<atem:function_calls>',
	'</atem:function_calls>',
	'<minimax:tool_call>',
	'</minimax:tool_call>',
	'<｜DSML｜function_calls>',
	'</｜DSML｜function_calls>',
	'<｜DSML｜tool_calls>',
	'</｜DSML｜tool_calls>',
	'<｜tool▁calls▁begin｜>',
	'<｜tool▁calls▁end｜>',
	'<|tool_call_section_begin|>',
	'<|tool_call_section_end|>',
	'<|tool_calls_section_begin|>',
	'<|tool_calls_section_end|>',
	'<|open|>tools<|sep|>',
	'<|close|>tools<|sep|>',
	'<|open|>response<|sep|>',
	'<|close|>response<|sep|>',
	'<|close|>message<|sep|>',
	'<|inner_suffix|>',
	'>>>all\n'
];

/** What ends a message: models' vocabularies have it as a control token, and some servers leave it in the text. */
export const messageEnd =
	/(?:\s*(?:<\|(?:im_end|eot_id|eom_id|eot|eom|end_of_text|endoftext|end_of_msg|END_OF_TURN_TOKEN|return)\|>|<\/s>|<end_of_turn>|<turn\|>|\[e~\[))+\s*$/;

/** Words in such tags come after a thought; elsewhere they are words themselves. */
export const answerFrames: readonly (readonly [open: string, close: string])[] = [
	['<response>', '</response>'],
	['<answer>', '</answer>']
];

/** Control tokens among all these. */
export const frameMarkers: readonly string[] = [
	...thoughtSyntaxes.filter(({ isControl }) => isControl).flatMap(({ open, close }) => [open, close]),
	'<|channel>',
	...frames.filter((frame) => /^<\S+>$/.test(frame))
];

/** The tag that the end of a prompt has opened, and that the reply therefore lacks. */
export function openedBy(prompt: string): string | undefined {
	const end = prompt.slice(-200).trimEnd();
	return thoughtSyntaxes.find(({ open }) => end.endsWith(open.trimEnd()))?.open;
}
