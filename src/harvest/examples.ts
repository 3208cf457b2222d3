import type { AssistantMessage, Message } from '../dialogue/message.ts';
import type { ChosenPart } from '../base/part.ts';
import type { EnvironmentFacts, Scenario, Split } from '../environment/environment.ts';
import { viewOfAgent } from '../search/compose.ts';
import type { SearchTree } from '../search/tree.ts';
import type { GoldenPath } from './golden-path.ts';
import { labelTree, type HarvestOptions, type NoExamples } from './labels.ts';
import type { Negative } from './negatives.ts';
import { isSaidByAgent, type SeenMessage } from './agent-messages.ts';

/** A search whose tree is done. */
export interface ScenarioTree {
	readonly environment: EnvironmentFacts;
	readonly scenario: Scenario;
	/** Which time the scenario was taken, from 0; absent for the first. */
	readonly trial?: number;
	/** Whose view of the conversation is taught. */
	readonly agent: ChosenPart;
	readonly tree: SearchTree;
}

/** Where an example comes from. Nothing of it depends on when, where or how fast the search ran. */
export interface Origin {
	readonly scenario: string;
	/** Absent for the first. */
	readonly trial?: number;
	readonly split: Split;
	/** Of the whole search, from 0 to 1. */
	readonly reward: number;
	/** Agent turns of the conversation before the one that is learnt from (of SFT: before the last). */
	readonly turn: number;
	/** The node that said it, and its turn within that node: the address of the event. */
	readonly path: string;
	readonly nodeTurn: number;
	/** Position of the message in the conversation as the agent sees it, its system message included. */
	readonly message: number;
}

/** A whole golden path. */
export interface SftExample {
	readonly kind: 'sft';
	readonly origin: Origin;
	readonly messages: readonly Message[];
}

/** One message and whether it is a good one. */
export interface KtoExample {
	readonly kind: 'kto';
	readonly origin: Origin;
	readonly prompt: readonly Message[];
	readonly completion: AssistantMessage;
	readonly label: boolean;
}

/** What a sibling said and what the golden path said, at the point where they part. */
export interface DpoExample {
	readonly kind: 'dpo';
	/** Of `rejected`. */
	readonly origin: Origin;
	readonly prompt: readonly Message[];
	readonly chosen: AssistantMessage;
	readonly rejected: AssistantMessage;
}

export type TrainingExample = SftExample | KtoExample | DpoExample;

/** The examples of a search, or why it gives none. */
export type Harvest =
	| {
			readonly examples: {
				readonly sft: readonly SftExample[];
				readonly kto: readonly KtoExample[];
				readonly dpo: readonly DpoExample[];
			};
	  }
	| NoExamples;

/**
 * What can be learnt from one search (section 8): its good and bad messages, by `labelTree`.
 * @param objection why a person does not want anything of it
 */
export function examplesOf(
	search: ScenarioTree,
	options: Partial<HarvestOptions> = {},
	objection?: string
): Harvest {
	const { tree, environment } = search;
	const { lesson } = labelTree({ ...options, tree, agentPrompt: environment.prompts.agent, objection });
	if ('none' in lesson) return lesson;
	const { golden, bad } = lesson;
	const view = viewOfAgent(
		search,
		search.environment,
		golden.messages.map(({ message }) => message)
	);
	const at = (seen: SeenMessage, position: number) => originOf(search, golden, seen, position);
	const good = golden.messages.flatMap((seen, position): KtoExample[] =>
		isSaidByAgent(seen)
			? [
					{
						kind: 'kto',
						origin: at(seen, position),
						prompt: promptAt(view, position),
						completion: goldenMessage(view, position),
						label: true
					}
				]
			: []
	);
	return {
		examples: {
			sft: [{ kind: 'sft', origin: at(golden.messages.at(-1)!, golden.messages.length - 1), messages: view }],
			kto: inOrder([...good, ...bad.map((negative) => asKto(negative, view, at))]),
			dpo: inOrder(bad.map((negative) => asDpo(negative, view, at)))
		}
	};
}

type OriginAt = (seen: SeenMessage, position: number) => Origin;

function asKto({ position, seen, message }: Negative, view: readonly Message[], at: OriginAt): KtoExample {
	return {
		kind: 'kto',
		origin: at(seen, position),
		prompt: promptAt(view, position),
		completion: message,
		label: false
	};
}

function asDpo({ position, seen, message }: Negative, view: readonly Message[], at: OriginAt): DpoExample {
	return {
		kind: 'dpo',
		origin: at(seen, position),
		prompt: promptAt(view, position),
		chosen: goldenMessage(view, position),
		rejected: message
	};
}

/** The system message stands before the first message that anyone said. */
const systemMessages = 1;

function promptAt(view: readonly Message[], position: number): readonly Message[] {
	return view.slice(0, position + systemMessages);
}

function goldenMessage(view: readonly Message[], position: number): AssistantMessage {
	return view[position + systemMessages] as AssistantMessage;
}

function originOf(
	{ scenario, trial, tree }: ScenarioTree,
	golden: GoldenPath,
	{ entry }: SeenMessage,
	position: number
): Origin {
	const { path, turn: nodeTurn } = entry.kind === 'agent' ? entry : { path: '', turn: 0 };
	return {
		scenario: scenario.id,
		...(trial && { trial }),
		split: scenario.split,
		reward: tree.reward,
		turn: golden.messages[position]!.turn,
		path,
		nodeTurn,
		message: position + systemMessages
	};
}

/** By turn, then path, then place in the turn. The sort is stable, so equal ones stay as they are: the golden one first. */
function inOrder<Example extends TrainingExample>(examples: readonly Example[]): Example[] {
	return examples.toSorted(({ origin: a }, { origin: b }) => {
		if (a.turn !== b.turn) return a.turn - b.turn;
		if (a.path !== b.path) return a.path < b.path ? -1 : 1;
		return a.message - b.message;
	});
}
