import { writeJson } from '../../base/json.ts';
import type { ModelSource, RoleModels } from '../../models/source.ts';
import { leavingNotice, serverAddress } from '../../models/server/address.ts';
import type { KeptModel } from '../../models/wllama/kept-models.ts';
import { placement } from '../../models/wllama/placement.ts';

export const shippedWords = {
	embedded: {
		name: 'Embedded model',
		details: '3.3 million parameters, 13 MB, on the processor',
		text: 'Plays both roles in the travel desk and makes mistakes on purpose: it completes about half of the scenarios.'
	},
	'embedded-josh': {
		name: 'Embedded model, trained',
		details: '3.3 million parameters, 13 MB, on the processor',
		text: 'The same model after one round of training on its own harvest: it completes 86 % of 450 test scenarios, the one above 49 %.'
	}
} as const;

/** A model in a few words. */
export function nameOfSource(source: ModelSource, kept: readonly KeptModel[]): string {
	switch (source.engine) {
		case 'shipped':
			return shippedWords[source.model].name;
		case 'wllama': {
			const name =
				kept.find(({ id }) => id === source.model)?.name ??
				`a file that is not here (${source.model.slice(0, 8)}…)`;
			return source.adapter ? `${name} with an adapter` : name;
		}
		case 'webllm':
			return typeof source.model === 'string' ? source.model : source.model.address;
		case 'server':
			return `${source.model} on ${source.address}`;
	}
}

/** Both models of a run: `Embedded model`, or `agent: …, user: …`. */
export function nameOfModels({ agent, user }: RoleModels<ModelSource>, kept: readonly KeptModel[]): string {
	const [a, b] = [nameOfSource(agent, kept), nameOfSource(user, kept)];
	return writeJson(agent) === writeJson(user) ? a : `agent: ${a}, user: ${b}`;
}

/** What must be told before a run with these begins, if text leaves this machine. */
export function noticeOf({ agent, user }: RoleModels<ModelSource>): string | undefined {
	const servers = [agent, user].flatMap((source) => {
		try {
			return source.engine === 'server' ? [serverAddress(source.address)] : [];
		} catch {
			return [];
		}
	});
	return leavingNotice(servers);
}

/** Models that only the connected page can have. */
export function needsConnection({ agent, user }: RoleModels<ModelSource>): boolean {
	return [agent, user].some(({ engine }) => engine === 'webllm' || engine === 'server');
}

export interface WorkersAdvice {
	readonly label: string;
	readonly hint: string;
	readonly value: number;
	/** There cannot be another number. */
	readonly fixed: boolean;
}

/** How many workers suit these models on this machine, and what the number means. */
export function workersFor(
	{ agent, user }: RoleModels<ModelSource>,
	kept: readonly KeptModel[],
	cores: number
): WorkersAdvice {
	const sources = [agent, user];
	if (sources.every(({ engine }) => engine === 'server'))
		return { label: 'Conversations at once', hint: 'requests side by side', value: 8, fixed: false };
	if (
		sources.some(
			(source) =>
				source.engine === 'webllm' || (source.engine === 'wllama' && source.settings.device === 'gpu')
		)
	)
		return { label: 'Workers', hint: 'a graphics device holds one copy', value: 1, fixed: true };
	const bytes = sources.map((source) =>
		source.engine === 'wllama' ? (kept.find(({ id }) => id === source.model)?.bytes ?? 0) : 0
	);
	const { workers } = placement({ bytes: Math.max(...bytes), cores, crossOriginIsolated });
	return { label: 'Workers', hint: 'model copies side by side', value: workers, fixed: false };
}

/** A message of a model from elsewhere is longer than one of ours. */
export function maxTokensFor({ agent, user }: RoleModels<ModelSource>): number {
	return [agent, user].every(({ engine }) => engine === 'shipped') ? 120 : 256;
}
