import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Environment } from '../environment/environment.ts';
import type { ModelIdentity } from '../models/language-model.ts';
import type { RoleModels } from '../models/source.ts';
import { eventSchema } from '../search/events.ts';
import type { RunOrigin } from '../search/run-config.ts';
import { promptVersion } from '../talk/views.ts';

/** What would make a run here and now. @param details what else a manifest should tell; never compared */
export function originHere(
	{ id, hash }: Environment,
	{ agent, user }: RoleModels<ModelIdentity>,
	details?: JsonObject
): RunOrigin {
	return {
		eventSchema,
		promptVersion,
		pack: { id, hash },
		agentModel: agent,
		userModel: user,
		...(details && { details })
	};
}

/**
 * Why a run cannot be continued here, or `undefined` if it can: what made it must be what is here, to the letter.
 * @param models `undefined` as long as none has been loaded; then models are not compared
 */
export function changeOf(
	recorded: RunOrigin,
	environment: Environment,
	models: RoleModels<ModelIdentity> | undefined
): string | undefined {
	const { id, hash } = environment;
	const here: Partial<RunOrigin> = models
		? originHere(environment, models)
		: { eventSchema, promptVersion, pack: { id, hash } };
	const changes = members.flatMap(([member, label]) => {
		const now = here[member];
		return now === undefined
			? []
			: differences(label, recorded[member] as unknown as Json, now as unknown as Json);
	});
	if (changes.length === 0) return undefined;
	return `What made this run has changed: ${changes.join('; ')}. It can be read and exported, but not continued.`;
}

const members: readonly (readonly [keyof RunOrigin, string])[] = [
	['eventSchema', 'the form of stored steps'],
	['promptVersion', 'the prompts'],
	['pack', 'the environment pack'],
	['agentModel', "the agent's model"],
	['userModel', "the user simulator's model"]
];

function differences(label: string, was: Json | undefined, is: Json | undefined): string[] {
	if (isJsonObject(was) && isJsonObject(is)) {
		return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
			differences(`${label}, ${key}`, was[key], is[key])
		);
	}
	const [before, now] = [textOf(was), textOf(is)];
	return before === now ? [] : [`${label}: ${short(before)} then, ${short(now)} now`];
}

function textOf(value: Json | undefined): string {
	return value === undefined ? 'nothing' : canonicalJson(value);
}

/** Enough of a hash to tell it from another. */
function short(text: string): string {
	return text.length > 40 ? `${text.slice(0, 16)}…` : text;
}
