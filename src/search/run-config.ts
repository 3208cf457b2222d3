import type { JsonObject } from '../base/json.ts';
import type { ChosenPart } from '../base/part.ts';
import type { ModelIdentity } from '../models/language-model.ts';

/** What is to be done: equal configurations on equal origins give equal trees. Plain JSON. */
export interface RunConfig {
	/** In this order; dataset rows follow it. */
	readonly scenarios: readonly string[];
	/** How many scenarios of the split were asked for, where it has fewer: then `scenarios` are all that it has. */
	readonly scenariosAsked?: number;
	/** How often each scenario is taken; absent for once. */
	readonly trials?: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly strategy: ChosenPart;
	readonly agent: ChosenPart;
	readonly user: ChosenPart;
	/** Guides the search. */
	readonly reward: ChosenPart;
	/** Scores finished conversations; absent if the share of earned goals is the score. */
	readonly score?: ChosenPart;
}

/** The roles that parts have in a run. */
export const partRoles = ['strategy', 'agent', 'user', 'reward', 'score'] as const;
export type PartRole = (typeof partRoles)[number];

/** What did it. A run is continued only where all of this is unchanged. Plain JSON. */
export interface RunOrigin {
	readonly eventSchema: number;
	/** The version of each part that the configuration names. */
	readonly parts: { readonly [role in PartRole]?: number };
	readonly pack: { readonly id: string; readonly hash: string };
	readonly agentModel: ModelIdentity;
	readonly userModel: ModelIdentity;
	readonly details?: JsonObject;
}
