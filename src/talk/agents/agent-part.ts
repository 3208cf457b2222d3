import * as v from 'valibot';
import type { JsonObject } from '../../base/json.ts';
import type { OptionsSchema, Part } from '../../base/part.ts';
import type { Message } from '../../dialogue/message.ts';
import type { EnvironmentFacts } from '../../environment/environment.ts';
import type { TalkModel } from '../answer.ts';
import type { Agent, Transcript } from '../participants.ts';

/** A kind of agent. */
export interface AgentPart extends Part {
	/**
	 * The conversation as its model is shown it, its one system message first and then each message that is not only the user's. The harvest
	 * teaches with this view.
	 */
	view(facts: EnvironmentFacts, transcript: Transcript, options: JsonObject): Message[];
	create(options: JsonObject, model: TalkModel): Agent;
}

/** An agent with its options typed. */
export function agentPart<Schema extends OptionsSchema>(part: {
	readonly kind: string;
	readonly version: number;
	readonly label: string;
	readonly options: Schema;
	view(facts: EnvironmentFacts, transcript: Transcript, options: v.InferOutput<Schema>): Message[];
	create(options: v.InferOutput<Schema>, model: TalkModel): Agent;
}): AgentPart {
	return {
		...part,
		view: (facts, transcript, options) => part.view(facts, transcript, v.parse(part.options, options)),
		create: (options, model) => part.create(v.parse(part.options, options), model)
	};
}
