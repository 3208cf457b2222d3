import type { Origin, TrainingExample } from './examples.ts';

/** What a row is named by. */
export interface ExampleName {
	readonly kind: TrainingExample['kind'];
	readonly origin: Pick<Origin, 'scenario' | 'trial' | 'turn' | 'path' | 'message'>;
}

/** A row's name in problems. */
export function nameOf({ kind, origin }: ExampleName): string {
	const { scenario, trial, turn, path, message } = origin;
	const which = trial === undefined ? '' : `, trial ${trial}`;
	return `${kind} row of scenario ${scenario}${which}, turn ${turn}, path '${path}', message ${message}`;
}
