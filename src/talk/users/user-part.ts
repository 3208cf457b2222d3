import * as v from 'valibot';
import type { JsonObject } from '../../base/json.ts';
import type { OptionsSchema, Part } from '../../base/part.ts';
import type { EnvironmentFacts, Scenario } from '../../environment/environment.ts';
import type { TalkModel } from '../answer.ts';
import type { Transcript, UserSimulator } from '../participants.ts';

/** Asks a person for the user's next words. @throws when nobody answers any more */
export type AskPerson = (
	scenario: Scenario,
	transcript: Transcript,
	signal: AbortSignal | undefined
) => Promise<string>;

/** What users are made of. */
export interface UserNeeds {
	readonly model: TalkModel;
	/** Absent where there is nobody to ask. */
	readonly ask?: AskPerson;
}

/** A kind of user simulator. */
export interface UserPart extends Part {
	/** Why it cannot play the user of a scenario; absent if it can play all. */
	unfit?(scenario: Scenario, facts: EnvironmentFacts, options: JsonObject): string | undefined;
	/** @throws {Error} if something it needs is not there */
	create(options: JsonObject, needs: UserNeeds): UserSimulator;
}

/** A user simulator with its options typed. */
export function userPart<Schema extends OptionsSchema>(part: {
	readonly kind: string;
	readonly version: number;
	readonly label: string;
	readonly options: Schema;
	unfit?(scenario: Scenario, facts: EnvironmentFacts, options: JsonObject): string | undefined;
	create(options: v.InferOutput<Schema>, needs: UserNeeds): UserSimulator;
}): UserPart {
	return { ...part, create: (options, needs) => part.create(v.parse(part.options, options), needs) };
}
