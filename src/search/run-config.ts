import type { JsonObject } from '../base/json.ts';
import type { ModelIdentity, Sampling } from '../models/language-model.ts';
import type { SearchOptions } from './josh/options.ts';

/** What is to be done: equal configurations on equal origins give equal trees. Plain JSON. */
export interface RunConfig {
	/** In this order; dataset rows follow it. */
	readonly scenarios: readonly string[];
	/** How many scenarios of the split were asked for, where it has fewer: then `scenarios` are all that it has. */
	readonly scenariosAsked?: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly search: SearchOptions;
	readonly agent: { readonly kind: 'function-calling'; readonly sampling: Sampling };
	readonly user: { readonly kind: 'goal'; readonly sampling: Sampling };
}

/** What did it. A run is continued only where all of this is unchanged. Plain JSON. */
export interface RunOrigin {
	readonly eventSchema: number;
	/** Changes when the text that agent or user simulator send to a model changes. */
	readonly promptVersion: number;
	readonly pack: { readonly id: string; readonly hash: string };
	readonly agentModel: ModelIdentity;
	readonly userModel: ModelIdentity;
	readonly details?: JsonObject;
}
