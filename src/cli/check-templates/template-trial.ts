import type { ToolSpec } from '../../dialogue/tool.ts';
import type { AssistantMessage, Message, ToolCall } from '../../dialogue/message.ts';
import { ChatTemplate, TemplateError, type TemplateFacts } from '../../dialogue/template/chat-template.ts';
import { beforeReplies, lostFrom } from '../../dialogue/template/probes.ts';
import type { DpoExample, KtoExample, SftExample, TrainingExample } from '../../harvest/examples.ts';
import { TargetError } from '../../dataset/check/rendering.ts';
import { templateFindings } from '../../dataset/check/target-checks.ts';
import { notTried } from '../../dataset/check/template-check.ts';

/** What a chat template takes of both roles' conversations and of datasets. */
export interface TemplateTrial {
	/** What was settled when it was chosen; why it cannot be used. */
	readonly facts: TemplateFacts | string;
	/** Every prompt of an agent's conversation has its tools, calls, results and words. */
	readonly agent: boolean;
	/** The user simulator's first prompt. */
	readonly opens: boolean;
	/** Its later prompts. */
	readonly goesOn: boolean;
	/** The first error in typical rows of a dataset; undefined if there is none. */
	readonly datasetError: string | undefined;
}

/** Tries a template of which nothing is known but its source. */
export function tryTemplate(source: string): TemplateTrial {
	const datasetError = datasetErrorOf(source);
	let template: ChatTemplate;
	try {
		template = ChatTemplate.choose(source, { bos: '<s>', eos: '</s>', addsBos: false }, 'auto');
	} catch (error) {
		if (!(error instanceof TemplateError)) throw error;
		return { facts: error.message, agent: false, opens: false, goesOn: false, datasetError };
	}
	const write = (messages: readonly Message[], given: readonly ToolSpec[]) =>
		template.prompt({ messages, tools: given }).text;
	const takes = (messages: readonly Message[], given: readonly ToolSpec[] = []): boolean => {
		try {
			const always = write(
				[
					{ role: 'system', content: 'Hm' },
					{ role: 'user', content: 'Hm' }
				],
				given
			);
			return lostFrom(write(messages, given), messages, given, always) === undefined;
		} catch {
			return false;
		}
	};
	const [opening, ...later] = beforeReplies(userView);
	return {
		facts: template.facts,
		agent: beforeReplies(agentView).every((messages) => takes(messages, tools)),
		opens: takes(opening!),
		goesOn: later.every((messages) => takes(messages)),
		datasetError
	};
}

const tools: readonly ToolSpec[] = [
	{
		name: 'search_lodging',
		description: 'Lodgings by town',
		parameters: {
			type: 'object',
			properties: {
				town: { type: 'string', description: 'Where to stay' },
				beds: { type: 'integer', description: 'How many sleep there' },
				quiet: { type: 'boolean', description: 'Away from the road' },
				until: { type: 'string', description: 'Last day' }
			},
			required: ['town']
		}
	},
	{
		name: 'reserve_lodging',
		description: 'Reserves a lodging',
		parameters: {
			type: 'object',
			properties: { reference: { type: 'string', description: 'Of the lodging' } },
			required: ['reference']
		}
	}
];

const search: ToolCall = {
	id: 'call_0',
	type: 'function',
	function: { name: 'search_lodging', arguments: { town: 'Jávea', beds: 3, quiet: true, until: null } }
};
const reserve: ToolCall = {
	id: 'call_1',
	type: 'function',
	function: { name: 'reserve_lodging', arguments: { reference: 'LX-77' } }
};

const calling = (call: ToolCall): AssistantMessage => ({
	role: 'assistant',
	content: '',
	tool_calls: [call]
});
const result = (call: ToolCall, content: string): Message => ({
	role: 'tool',
	content,
	tool_call_id: call.id,
	name: call.function.name
});

const agentView: readonly Message[] = [
	{ role: 'system', content: 'Answer for the lodging office.' },
	{ role: 'user', content: 'A quiet room for three in Jávea, please.' },
	calling(search),
	result(search, '[{"reference": "LX-77", "name": "Casa Zoë"}]'),
	{ role: 'assistant', content: 'Casa Zoë is free. Shall I reserve it?' },
	{ role: 'user', content: 'Yes, do.' },
	calling(reserve),
	result(reserve, '{"reserved": true, "pin": 4711}'),
	{ role: 'assistant', content: 'It is reserved.' },
	{ role: 'user', content: 'Many thanks!' }
];

const userView: readonly Message[] = [
	{ role: 'system', content: 'You look for a quiet room in Jávea.' },
	{ role: 'assistant', content: 'Good evening, I need a room.' },
	{ role: 'user', content: 'For how many nights?' },
	{ role: 'assistant', content: 'For three.' },
	{ role: 'user', content: 'Casa Zoë is free then.' }
];

const origin = {
	scenario: 'trial',
	split: 'train',
	reward: 1,
	turn: 0,
	path: 'L',
	nodeTurn: 0,
	message: 2
} as const;

/** Rows of each kind, with calls, results, truth values, nothing and letters beyond ASCII. */
function examples(): readonly TrainingExample[] {
	const said: AssistantMessage = { role: 'assistant', content: 'Casa Zoë is free. Shall I reserve it?' };
	const sft: SftExample = { kind: 'sft', origin, messages: agentView.slice(0, -1) };
	const kto = (end: number, completion: AssistantMessage, label: boolean): KtoExample => ({
		kind: 'kto',
		origin,
		prompt: agentView.slice(0, end),
		completion,
		label
	});
	const dpo: DpoExample = {
		kind: 'dpo',
		origin,
		prompt: agentView.slice(0, 2),
		chosen: calling(search),
		rejected: { role: 'assistant', content: 'There is nothing.' }
	};
	return [sft, kto(2, calling(search), true), kto(4, said, true), kto(6, said, false), dpo];
}

/** In rows as they would be written for a model with this template. What could not be tried is not a success. */
function datasetErrorOf(source: string): string | undefined {
	const target = { name: 'the template', chatTemplate: source, bosToken: '<s>', eosToken: '</s>' };
	try {
		for (const { severity, reason, detail } of templateFindings(target, examples(), tools)) {
			if (severity === 'error' || reason === notTried)
				return detail === undefined ? reason : `${reason}: ${detail}`;
		}
		return undefined;
	} catch (error) {
		if (error instanceof TargetError) return error.message;
		throw error;
	}
}
