import { chatmlGenerationPrompt, writeChatml } from '../chatml.ts';
import { compactToolsSection, hermesMessages, hermesToolsSection } from '../hermes-write.ts';
import type { Message } from '../message.ts';
import type { ToolSpec } from '../tool.ts';
import { openedBy } from '../syntax/index.ts';
import { probedSyntax, silentSyntax } from './call-syntax.ts';
import { TemplateRefusal } from './jinja.ts';
import {
	agentProbe,
	beforeReplies,
	lostFrom,
	nullProbe,
	openingProbe,
	probeTools,
	runProbe,
	severalCallsProbe,
	silentProbe,
	systemProbe,
	talkProbe,
	wordsProbe
} from './probes.ts';
import { TemplateRenderer, type TemplateTokens } from './template-renderer.ts';
import { begunBy, joinedTurns, opener, systemInUser } from './turns.ts';
import { nativeMessages, nativeStyles, plainMessages, type NativeStyle, type WireMessage } from './wire.ts';

export { TemplateRefusal, type TemplateTokens };

/**
 * How a model is told of its tools and shown its calls: `native` as structure, which its template writes in the model's own way; `hermes`
 * and `compact` as text in messages that every template takes, with the tools' schemas or one line for each tool.
 */
export type ToolsForm = 'native' | 'hermes' | 'compact';

export interface PromptRequest {
	readonly messages: readonly Message[];
	readonly tools: readonly ToolSpec[];
}

export interface RenderedPrompt {
	/** Up to where the model's reply begins. */
	readonly text: string;
	/** The thought that the prompt's end has opened, e.g. `<think>`. */
	readonly opened?: string;
}

/** What the probes have found, as plain data, for a model's identity and for people. */
export interface TemplateFacts {
	/** `chatml`: the template is missing or cannot be used, and `losses` says so. */
	readonly source: 'own' | 'chatml';
	readonly tools: ToolsForm;
	/** Where the system message goes. */
	readonly system: 'own' | 'in user';
	/** The id of the syntax in which calls stand in prompts, to be tried first on replies. */
	readonly syntax?: string;
	/** What does not come through as it is, a sentence each. */
	readonly losses: readonly string[];
}

/** A template that cannot be used; the message says what it does not take. */
export class TemplateError extends Error {
	override readonly name = 'TemplateError';
}

type Render = (messages: readonly WireMessage[], tools: readonly ToolSpec[]) => string;

/** What must be done to the order of messages for a template. */
interface TurnRules {
	readonly system: TemplateFacts['system'];
	/** The user must speak first. */
	readonly begins: boolean;
	/** Roles must alternate. */
	readonly joins: boolean;
}

interface NativeForm {
	readonly style: NativeStyle;
	/** The name under which the template reads thoughts. */
	readonly thoughts: string | undefined;
}

/** Turns conversations of both roles into the text that a model reads, in the way that suits its template best. */
export class ChatTemplate {
	readonly facts: TemplateFacts;
	readonly #render: Render;
	readonly #rules: TurnRules;
	readonly #native: NativeForm | undefined;

	private constructor(
		render: Render,
		rules: TurnRules,
		native: NativeForm | undefined,
		facts: TemplateFacts
	) {
		this.#render = render;
		this.#rules = rules;
		this.#native = native;
		this.facts = facts;
	}

	/**
	 * Tries the template with short dialogues of both roles and settles how it is used from then on.
	 * @param source Jinja; null if the model has none, which then is written to in ChatML
	 * @param wanted `auto`: native where the template shows tools, calls and results without loss, else hermes
	 * @throws {TemplateError} if the template cannot be used, or not with tools as wanted
	 */
	static choose(source: string | null, tokens: TemplateTokens, wanted: ToolsForm | 'auto'): ChatTemplate {
		if (source === null) {
			return chatml(wanted, 'The model has no chat template: conversations are written as ChatML.');
		}
		try {
			const renderer = new TemplateRenderer(source, tokens);
			return ChatTemplate.#tried((...args) => renderer.render(...args), wanted, {
				source: 'own',
				losses: [],
				silent: silentSyntax(source)
			});
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			// A model that was trained on ChatML understands it without its template.
			if (source.includes('<|im_start|>') && !(error instanceof TemplateError)) {
				return chatml(
					wanted,
					`The model's chat template cannot be used (${reason}): conversations are written as plain ChatML, without what else it adds.`
				);
			}
			if (error instanceof TemplateError) throw error;
			throw new TemplateError(
				`The model's chat template cannot be used: ${reason}. Choose another conversion of the model.`,
				{ cause: error }
			);
		}
	}

	static #tried(
		render: Render,
		wanted: ToolsForm | 'auto',
		{
			source,
			losses,
			silent
		}: Pick<TemplateFacts, 'source' | 'losses'> & { readonly silent?: string | undefined }
	): ChatTemplate {
		const rules = probedRules(render);
		const facts = { source, system: rules.system };
		if (wanted === 'native' || wanted === 'auto') {
			const native = probedNative(render, rules, silent);
			if (typeof native !== 'string') {
				const its = native.rules;
				const syntax = probedSyntax((messages) =>
					written(render, its, native, { messages, tools: probeTools })
				);
				return new ChatTemplate(render, its, native, {
					source,
					system: its.system,
					tools: 'native',
					...(syntax !== undefined && { syntax }),
					losses: [...losses, ...nativeLosses(render, its, native.style)]
				});
			}
			if (wanted === 'native') {
				throw new TemplateError(
					`The model's chat template cannot be given tools in the model's own form: ${native}. Choose another form for the tools.`
				);
			}
			return ChatTemplate.#tried(render, 'hermes', {
				source,
				losses: [...losses, `Tools and calls are written as Hermes text: in its own form ${native}.`]
			});
		}
		return new ChatTemplate(render, rules, undefined, {
			...facts,
			tools: wanted === 'compact' ? 'compact' : 'hermes',
			syntax: 'hermes-json',
			losses
		});
	}

	static chatml(wanted: ToolsForm | 'auto', loss: string): ChatTemplate {
		const render: Render = (messages) =>
			writeChatml(messages.map(({ role, content }) => ({ role: role as 'user', content: content ?? '' }))) +
			chatmlGenerationPrompt;
		return ChatTemplate.#tried(render, wanted === 'compact' ? wanted : 'hermes', {
			source: 'chatml',
			losses: [loss]
		});
	}

	/** @throws {TemplateRefusal} if the template does not take this conversation */
	prompt(request: PromptRequest): RenderedPrompt {
		const { tools: form } = this.facts;
		const text = written(this.#render, this.#rules, this.#native, request, form);
		// Whatever a template does with the words of a model, the last ones of its partner are what it has to answer.
		const last = request.messages.at(-1)?.content.trim() ?? '';
		if (text.trim() === '' || !(text.includes(last) || text.includes(JSON.stringify(last).slice(1, -1)))) {
			throw new TemplateRefusal(`it leaves out the last of ${request.messages.length} messages`);
		}
		const opened = openedBy(text);
		return { text, ...(opened !== undefined && { opened }) };
	}
}

const chatml = (wanted: ToolsForm | 'auto', loss: string) => ChatTemplate.chatml(wanted, loss);

function written(
	render: Render,
	rules: TurnRules,
	native: NativeForm | undefined,
	{ messages, tools }: PromptRequest,
	form: ToolsForm = 'hermes'
): string {
	if (native) {
		const say = (thoughts: string | undefined) =>
			render(
				arranged(nativeMessages(messages, tools, native.style, thoughts), rules),
				native.style.tools === 'value' ? tools : []
			);
		if (native.thoughts === undefined) return say(undefined);
		try {
			return say(native.thoughts);
		} catch {
			// gpt-oss takes no thoughts beside words and calls at once.
			return say(undefined);
		}
	}
	const section =
		tools.length === 0 ? '' : form === 'compact' ? compactToolsSection(tools) : hermesToolsSection(tools);
	return render(arranged(plainMessages(hermesMessages(messages, section)), rules), []);
}

function arranged(
	messages: readonly WireMessage[],
	{ system, begins, joins }: TurnRules
): readonly WireMessage[] {
	const user = (content: string): WireMessage => ({ role: 'user', content });
	const placed = system === 'own' ? messages : systemInUser(messages, user);
	const begun = begins ? begunBy(user(opener), placed) : placed;
	return joins ? joinedTurns(begun) : begun;
}

/** @throws {Error} if the template does not even take words of both sides, or loses some whatever is done */
function probedRules(render: Render): TurnRules {
	const lost = (rules: TurnRules, ...dialogues: readonly (readonly Message[])[]): string | undefined => {
		for (const messages of dialogues) {
			const loss = tried(() =>
				lostFrom(written(render, rules, undefined, { messages, tools: [] }), messages)
			);
			if (loss !== undefined) return loss;
		}
		return undefined;
	};
	const plain: TurnRules = { system: 'own', begins: false, joins: false };
	const talk = lost(plain, talkProbe);
	if (talk !== undefined) throw new Error(talk);
	const system = lost(plain, systemProbe) === undefined ? 'own' : 'in user';
	const openings = beforeReplies(openingProbe);
	const begins = lost({ ...plain, system }, ...openings) !== undefined;
	const joins = lost({ ...plain, system }, runProbe) !== undefined;
	const rules: TurnRules = { system, begins, joins };
	const rest = lost(rules, systemProbe, ...openings, runProbe);
	if (rest !== undefined) throw new Error(rest);
	return rules;
}

/** How the template is given calls so that nothing is lost; or why it cannot be. */
function probedNative(
	render: Render,
	rules: TurnRules,
	silent: string | undefined
): (NativeForm & { readonly rules: TurnRules }) | string {
	let reason = '';
	let furthest = -1;
	// Some write the system message only where the user has spoken last.
	const systems = new Set([rules.system, 'in user'] as const);
	for (const system of systems) {
		for (const style of nativeStyles(silent)) {
			const its = { ...rules, system };
			const { passed, loss } = nativeLoss(render, its, style);
			if (loss === undefined) return { rules: its, style, thoughts: probedThoughts(render, its, style) };
			if (passed <= furthest) continue;
			furthest = passed;
			reason = loss;
		}
	}
	return reason;
}

const nativeProbes: readonly (readonly Message[])[] = [agentProbe, severalCallsProbe, wordsProbe].flatMap(
	beforeReplies
);

/** What is lost first, and how many probes come before it. */
function nativeLoss(render: Render, rules: TurnRules, style: NativeStyle) {
	const native = { style, thoughts: undefined };
	let given: string | undefined;
	for (const [passed, messages] of nativeProbes.entries()) {
		const loss = tried(() => {
			given ??= written(render, rules, native, { messages: silentProbe, tools: probeTools });
			const text = written(render, rules, native, { messages, tools: probeTools });
			return lostFrom(text, messages, probeTools, given);
		});
		if (loss !== undefined) return { passed, loss };
	}
	return { passed: nativeProbes.length, loss: undefined };
}

/** What may be left out without harm, in sentences. */
function nativeLosses(render: Render, rules: TurnRules, style: NativeStyle): string[] {
	const loss = tried(() => {
		const native: NativeForm = { style, thoughts: undefined };
		return lostFrom(
			written(render, rules, native, { messages: nullProbe, tools: probeTools }),
			nullProbe,
			probeTools,
			written(render, rules, native, { messages: silentProbe, tools: probeTools })
		);
	});
	return loss === undefined ? [] : ['Arguments without a value (null) are left out of calls.'];
}

/** Names under which templates read thoughts. */
const thoughtNames = ['reasoning_content', 'thinking', 'reasoning'] as const;

function probedThoughts(render: Render, rules: TurnRules, style: NativeStyle): string | undefined {
	const mark = 'Capercaillie';
	const messages = agentProbe
		.slice(0, 6)
		.map((message) => (message.role === 'assistant' ? { ...message, reasoning: mark } : message));
	return thoughtNames.find((thoughts) => {
		try {
			return written(render, rules, { style, thoughts }, { messages, tools: probeTools }).includes(mark);
		} catch {
			return false;
		}
	});
}

/** What goes wrong, in words. @param probe says what is lost */
function tried(probe: () => string | undefined): string | undefined {
	try {
		const lost = probe();
		return lost === undefined ? undefined : `it leaves out ${lost}`;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
