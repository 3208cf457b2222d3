import type { JsonObject } from '../../base/json.ts';
import type { AssistantMessage, Message } from '../../dialogue/message.ts';
import { silentSyntax } from '../../dialogue/template/call-syntax.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { plainForm, type TargetForm } from '../formats/target-form.ts';
import type { TargetModel } from './check.ts';
import { answerText } from './answer-text.ts';
import { damage, type GivenText } from './damage.ts';
import { TemplateText } from './own-words.ts';
import { Rendering } from './rendering.ts';
import { untoldTools } from './tools-told.ts';

/**
 * The form of rows in which a chat template leaves nothing out, found by trying: the first of those below, which rewrite more and more,
 * that does least damage to short conversations of all that conversations are made of. Where the engine here cannot render them, so that
 * nothing can be said, rows stay as they are.
 * @throws {TargetError} if the template cannot be parsed
 */
export function formOf(target: TargetModel): TargetForm {
	const rendering = new Rendering(target);
	const source = new TemplateText(target.chatTemplate);
	let best = { form: plainForm, faults: Infinity };
	for (const forms of [structured(), written(target.chatTemplate)]) {
		let isTried = false;
		for (const form of forms) {
			const faults = faultsOf(rendering.inForm(form), source);
			if (faults === undefined) continue;
			isTried = true;
			if (faults < best.faults) best = { form, faults };
			if (faults === 0) return form;
		}
		// It may be that only the engine here cannot render calls.
		if (!isTried) break;
	}
	return best.form;
}

/** Calls as structure, which templates for tools are made for. */
function* structured(): Generator<TargetForm> {
	yield plainForm;
	for (const tools of ['column', 'system message'] as const)
		for (const system of ['own', 'in user'] as const)
			for (const words of ['kept', 'left out'] as const)
				for (const args of ['object', 'text'] as const)
					for (const ids of ['as they are', 'nine', 'named'] as const)
						yield { ...plainForm, tools, system, words, arguments: args, ids };
}

/** Calls in the text of messages, as the model writes them where that is known. */
function* written(source: string): Generator<TargetForm> {
	const own = silentSyntax(source);
	const syntaxes = [...(own === undefined ? [] : [own]), 'hermes-json'];
	for (const writtenAs of syntaxes)
		for (const system of ['own', 'in user'] as const)
			for (const [tools, results] of writtenAs === 'hermes-json' ? hermesPlaces : places)
				yield { ...plainForm, system, tools, results, calls: { writtenAs } };
}

const places = [
	['column', 'tool'],
	['column', 'user'],
	['system message', 'tool'],
	['system message', 'user']
] as const;

/** Who is told of tools in Hermes' words is told of results in them, too. */
const hermesPlaces = [...places.slice(0, 2), places[3], places[2]] as const;

const refused = 1000;

/** How much is wrong with what a template makes of the conversations below; `undefined` if the engine here cannot render them. */
function faultsOf(rendering: Rendering, source: TemplateText): number | undefined {
	const opening = rendering.prompt([{ role: 'user', content: '' }], tools);
	const given = { text: 'text' in opening ? opening.text : '', source };
	let faults = 0;
	const look = (text: string, messages: readonly Message[], from: GivenText) => {
		for (const { isSlight } of damage(text, messages, from)) if (!isSlight) faults++;
	};
	for (const messages of probes) {
		for (const { severity } of untoldTools(rendering, messages, tools)) if (severity === 'error') faults++;
		// Each answer by itself, too: the name of a call that is gone may stand in its result.
		for (const [index, message] of messages.entries()) {
			if (message.role !== 'assistant') continue;
			const whole = rendering.whole(messages.slice(0, index + 1), tools);
			const answer =
				'text' in whole ? answerText(rendering, messages.slice(0, index), whole.text, tools) : whole;
			if ('text' in answer) {
				look(answer.text, [message], { text: answer.given, source });
				if ('text' in whole && index === messages.length - 1) look(whole.text, messages, given);
			} else if (answer.isRefusal) faults += refused;
			else return undefined;
		}
	}
	return faults;
}

const text = { type: 'string' };

const tools: readonly ToolSpec[] = [
	{
		name: 'find_parcel',
		description: 'Finds a parcel.',
		parameters: { type: 'object', properties: { sender: text, weight: { type: 'number' } } }
	},
	{
		name: 'send_parcel',
		description: 'Sends it.',
		parameters: { type: 'object', properties: { street: text, express: { type: 'boolean' } } }
	},
	{ name: 'close_counter', description: 'Closes it.', parameters: { type: 'object', properties: {} } }
];

/** @param number of the call in its conversation, which is what its id is made of */
function made(number: number, name: string, args: JsonObject, content = ''): [AssistantMessage, Message] {
	const id = `call_${number}`;
	return [
		{
			role: 'assistant',
			content,
			tool_calls: [{ id, type: 'function', function: { name, arguments: args } }]
		},
		{ role: 'tool', content: `{"done": "by step ${number}"}`, tool_call_id: id, name }
	];
}

const opening: readonly Message[] = [
	{ role: 'system', content: 'You sit at the counter.' },
	{ role: 'user', content: 'Where is the parcel from Uncle?' }
];

/** Calls without words and with them, of which some templates drop one or the other. */
const probes: readonly (readonly Message[])[] = ['', 'One moment, please.'].map((words) => [
	...opening,
	...made(1, 'find_parcel', { sender: 'Uncle', weight: 2.5 }, words),
	...made(2, 'find_parcel', { sender: 'Aunt' }, words),
	{ role: 'assistant', content: 'It lies here.' },
	{ role: 'user', content: 'Send it on.' },
	...made(3, 'send_parcel', { street: 'Long Lane', express: true }, words),
	{ role: 'assistant', content: 'It is on its way.' }
]);
