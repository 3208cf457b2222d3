import { choice, options } from '../../base/options.ts';
import { jsonText } from '../../base/json.ts';
import { compactTools } from '../../dialogue/hermes-write.ts';
import { onlyThinks, type Message, type StoredMessage } from '../../dialogue/message.ts';
import { parseReact, writeReact, type ReactCommand } from '../../dialogue/react.ts';
import type { EnvironmentFacts, EnvironmentState, ExecutedCall } from '../../environment/environment.ts';
import type { Sampling } from '../../models/language-model.ts';
import { answerOf, type TalkModel } from '../answer.ts';
import { onlyThought } from '../failure.ts';
import type { Agent, AgentStep, StepContext, Transcript } from '../participants.ts';
import { samplingOptions } from '../sampling.ts';
import { seenByAgent } from '../views.ts';
import { agentPart } from './agent-part.ts';
import { callsInTurn, maxModelCalls, ranOut } from './turn.ts';

/** How a ReAct agent is told of its tools, and whose rules it follows. */
export interface ReactOptions {
	readonly sampling: Sampling;
	readonly quirks: 'published' | 'fixed';
	readonly tools: 'json' | 'compact';
}

export const react = agentPart({
	kind: 'react',
	version: 1,
	label: 'ReAct',
	options: options({
		sampling: samplingOptions('agent', 1, 'higher: branches differ more'),
		quirks: choice(['fixed', 'published'], 'fixed', {
			label: 'ReAct rules',
			hint: 'as published to the letter, or without its slips',
			flag: 'react-quirks',
			rare: true
		}),
		tools: choice(['json', 'compact'], 'json', {
			label: 'Tools in the prompt',
			hint: 'as JSON schemas, or in a few words for small models',
			flag: 'react-tools'
		})
	}),
	view: (facts, transcript, { tools }) => reactView(facts, transcript, tools),
	create: (given, model) => new ReactAgent(model, given)
});

/** One message of the system, and all that the agent saw; what tools returned has the user's role. */
function reactView(facts: EnvironmentFacts, transcript: Transcript, tools: ReactOptions['tools']): Message[] {
	return [{ role: 'system', content: systemPrompt(facts, tools) }, ...seenByAgent(transcript)];
}

function systemPrompt({ prompts, tools }: EnvironmentFacts, form: ReactOptions['tools']): string {
	const list = form === 'compact' ? compactTools(tools) : JSON.stringify(tools, undefined, 2);
	return [
		prompts.agent,
		'Write commands, each on a line and ended by <COMMAND_END>:',
		'PLAN <what to do next> – a thought that nobody else sees.',
		'APICALL {"name": <tool>, "parameters": {<name>: <value>}} – calls a tool; its result comes as APIRETURN <result>.',
		'SPEAK <words> – says something to the user and ends your turn.',
		'Plan first, then call or speak. Never write an APIRETURN yourself.',
		'Tools:',
		list
	].join('\n');
}

const noCommand = 'ERROR: NO COMMAND FOUND';
const badCall = 'FAILURE INCORRECTLY FORMATTED APICALL';

/**
 * The paper's ReAct agent (josh-behaviour, section 5): commands PLAN, APICALL and SPEAK in plain text. A turn has at most three replies and
 * ends with the first SPEAK. With quirks `published` replies are cleaned up and read as the paper's code does (Q14), and only the user is told
 * that the agent ran out of retries (Q15); `fixed` reads commands where they begin a line, keeps what was not understood, and tells both.
 */
export class ReactAgent implements Agent {
	readonly #model: TalkModel;
	readonly #options: ReactOptions;

	constructor(model: TalkModel, given: ReactOptions) {
		this.#model = model;
		this.#options = given;
	}

	async step(transcript: Transcript, before: EnvironmentState, context: StepContext): Promise<AgentStep> {
		const { environment } = context;
		const { quirks, sampling, tools } = this.#options;
		const published = quirks === 'published';
		const messages: StoredMessage[] = [];
		const calls: ExecutedCall[] = [];
		const tokens = { prompt: 0, completion: 0 };
		const end = (outcome: AgentStep['outcome'], error?: string): AgentStep =>
			error === undefined
				? { outcome, messages, calls, tokens }
				: { outcome, messages, calls, tokens, error };
		const keep = (content: string, reasoning?: string) =>
			messages.push({
				role: 'assistant',
				content,
				...(reasoning !== undefined && { reasoning }),
				seenBy: 'agent'
			});
		const tell = (content: string) => messages.push({ role: 'user', content, seenBy: 'agent' });

		let state = before;
		const done = context.oneAction ? callsInTurn(transcript) : 0;
		for (let attempt = 0; done + attempt < maxModelCalls; attempt++) {
			const answer = await answerOf(
				this.#model,
				// The tools are in the prompt, and a reply is text whatever it looks like.
				{
					messages: reactView(environment, [...transcript, ...messages], tools),
					tools: [],
					sampling
				},
				context,
				attempt
			);
			if ('failure' in answer) return end('over', answer.failure);
			tokens.prompt += answer.usage.promptTokens;
			tokens.completion += answer.usage.completionTokens;
			const { message, problem } = answer;
			let thought = message.reasoning;
			if (problem !== undefined || onlyThinks(message)) {
				keep(message.content, thought);
				return end('raised', problem ?? onlyThought('agent', answer, sampling));
			}

			const items = inOrder(message.content, quirks);
			let plan = '';
			let hasActed = false;
			const act = (written: string) => {
				keep(plan + written, thought);
				thought = undefined;
				hasActed = true;
			};
			for (const item of items) {
				if ('wrong' in item) {
					act(item.text);
					tell(`APIRETURN ${jsonText(published ? badCall : { error: item.wrong })}`);
				} else if (item.kind === 'plan') {
					// The last one counts, and stands before each command that follows it.
					plan = `${writeReact([item])} `;
				} else {
					act(writeReact([item]));
					if (item.kind !== 'apicall') {
						messages.push({ role: 'assistant', content: item.text, seenBy: 'user' });
						return end('finished');
					}
					const { kind: _, ...call } = item;
					const after = await environment.call(state, 'agent', call);
					state = after.state;
					calls.push(after.executed);
					tell(`APIRETURN ${jsonText(after.executed.result)}`);
				}
			}
			if (items.length === 0) {
				keep(published ? noCommand : message.content, thought);
				if (!published) tell(noCommand);
			} else if (!hasActed && !published) keep(plan.trim(), thought);
			if (context.oneAction && done + attempt + 1 < maxModelCalls) return end('continue');
		}
		messages.push(ranOut(published ? 'user' : 'both'));
		return end('finished');
	}
}

type Item = ReactCommand | { readonly wrong: string; readonly text: string };

/** What a reply asks for, and what of it cannot be understood, as it was written. */
function inOrder(reply: string, quirks: ReactOptions['quirks']): Item[] {
	const { commands, spans, problems, text } = parseReact(reply, { quirks });
	const placed = [
		...commands.map((item, index) => ({ at: spans[index]!.start, item: item as Item })),
		...problems.map(({ message, start, end }) => ({
			at: start,
			item: { wrong: message, text: text.slice(start, end) } as Item
		}))
	];
	return placed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
