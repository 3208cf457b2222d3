import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { serverAddress } from '../models/server/address.ts';
import type { RunOrigin } from '../search/run-config.ts';
import type { HarvestOptions } from './harvest/harvest-options.ts';
import { serverSources } from './model-flags.ts';
import type { Shard } from './shards.ts';

/** What a manifest tells of a harvest on servers beside configuration and models. */
export interface RunDetails {
	/** Origins of the servers on which it was begun, by role. */
	readonly servers: { readonly agent: readonly string[]; readonly user: readonly string[] };
	/** Absent if it is whole. */
	readonly shard?: Shard;
}

export function detailsOf({ models, shard }: HarvestOptions): RunDetails {
	const { agent, user } = serverSources(models);
	const origins = ({ address }: { readonly address: string }) => [serverAddress(address).origin];
	return {
		servers: { agent: origins(agent), user: origins(user ?? agent) },
		...(shard && { shard })
	};
}

/** @returns undefined if the run was made in some other way */
export function detailsIn({ details }: RunOrigin): RunDetails | undefined {
	return details && isJsonObject(details['servers']) ? (details as unknown as RunDetails) : undefined;
}

export function asJson(details: RunDetails): JsonObject {
	return details as unknown as JsonObject;
}
