import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { EnvironmentFacts } from '../environment/environment.ts';
import type { ModelIdentity } from '../models/language-model.ts';
import type { RoleModels } from '../models/source.ts';
import { partLists, versionsOf } from '../search/compose.ts';
import { eventSchema } from '../search/events.ts';
import { partRoles, type RunConfig, type RunOrigin } from '../search/run-config.ts';

/** What would make a run here and now. @param details what else a manifest should tell; never compared */
export function originHere(
	config: RunConfig,
	{ id, hash }: Pick<EnvironmentFacts, 'id' | 'hash'>,
	{ agent, user }: RoleModels<ModelIdentity>,
	details?: JsonObject
): RunOrigin {
	return {
		eventSchema,
		parts: versionsOf(config),
		pack: { id, hash },
		agentModel: agent,
		userModel: user,
		...(details && { details })
	};
}

/**
 * Why a run cannot be continued here, or `undefined` if it can: what made it must be what is here, to the letter. Its environment is the one
 * that is stored with it, so that cannot have changed.
 * @param models `undefined` as long as none has been loaded; then models are not compared
 */
export function originMismatch(
	{ config, origin }: { readonly config: RunConfig; readonly origin: RunOrigin },
	models: RoleModels<ModelIdentity> | undefined
): string | undefined {
	const missing = partRoles.flatMap((role) => {
		const chosen = config[role];
		return chosen && !partLists[role].has(chosen.kind) ? [`the ${role} "${chosen.kind}" is not here`] : [];
	});
	if (missing.length > 0) return told(missing);
	const here: Partial<RunOrigin> = {
		eventSchema,
		parts: versionsOf(config),
		...(models && { agentModel: models.agent, userModel: models.user })
	};
	const changes = members.flatMap(([member, label]) => {
		const now = here[member];
		return now === undefined
			? []
			: differences(label, origin[member] as unknown as Json, now as unknown as Json);
	});
	return changes.length === 0 ? undefined : told(changes);
}

function told(changes: readonly string[]): string {
	return `What made this run has changed: ${changes.join('; ')}. It can be read and exported, but not continued.`;
}

const members: readonly (readonly [keyof RunOrigin, string])[] = [
	['eventSchema', 'the form of stored steps'],
	['parts', 'the version of a part'],
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
