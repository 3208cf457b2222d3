import type { parseJson } from '../base/json-read.ts';
import type { writeJson } from '../base/json.ts';
import type { KeptModels } from '../models/wllama/kept-models.ts';
import type { RunService } from '../run/run-service.ts';

/** What automation finds at `globalThis.joshtree`; see README.md. */
export interface AutomationApi {
	/** Resolves when the service answers and the environment is known; rejects with what went wrong. */
	readonly ready: Promise<void>;
	readonly service: RunService;
	/** Where files of models are copied, so that runs can have them. */
	readonly kept: Pick<KeptModels, 'keep'>;
	/** Text of what the services give and take: numbers of any size keep their digits. */
	readonly json: { readonly write: typeof writeJson; readonly parse: typeof parseJson };
}

declare global {
	var joshtree: AutomationApi | undefined;
}
