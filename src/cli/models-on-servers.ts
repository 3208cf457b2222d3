import { ServerModel } from '../models/server/server-model.ts';
import type { ServerSource } from '../models/server/settings.ts';
import type { ModelSource, RoleModels, SpawnModel } from '../models/source.ts';

/** Models on servers that this process asks by itself. @param signal ends what is under way while they are looked for */
export function modelsOnServers(
	{ agent, user = agent }: { readonly agent: ServerSource; readonly user?: ServerSource | undefined },
	signal: AbortSignal
): { readonly sources: RoleModels<ModelSource>; readonly spawn: SpawnModel } {
	const agentSource = withoutKey(agent);
	const sources = { agent: agentSource, user: user === agent ? agentSource : withoutKey(user) };
	return {
		sources,
		spawn: (source) => ServerModel.load(source === sources.agent ? agent : user, { signal })
	};
}

/** What is recorded of a model: all but the key. */
export function withoutKey({ key: _, ...source }: ServerSource): ModelSource {
	return { engine: 'server', ...source };
}
