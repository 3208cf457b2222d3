import { canonicalJson } from '../base/json.ts';
import { callOf } from '../dialogue/call-arguments.ts';
import type { Environment, EnvironmentState, ExecutedCall, Scenario } from '../environment/environment.ts';
import type { AgentEvent } from './events.ts';
import { HistoryError } from './history-error.ts';
import type { Entry } from './tree.ts';

/**
 * Environment states of one search. They are never stored: each is made from the state before it by carrying out the stored calls
 * again, unless the call was made here and its state is still known.
 */
export class EnvironmentStates {
	/** The environment to hand to agents: it notes the state after each call. */
	readonly environment: Environment;
	readonly #scenario: Scenario;
	readonly #initial: EnvironmentState;
	readonly #afterCall = new WeakMap<ExecutedCall, { before: EnvironmentState; after: EnvironmentState }>();
	readonly #afterEvent = new WeakMap<AgentEvent, EnvironmentState>();

	constructor(environment: Environment, scenario: Scenario) {
		this.#scenario = scenario;
		this.#initial = environment.initial(scenario);
		const call: Environment['call'] = (before, call) => {
			const made = environment.call(before, call);
			this.#afterCall.set(made.executed, { before, after: made.state });
			return made;
		};
		this.environment = Object.assign(Object.create(environment) as Environment, { call });
	}

	/**
	 * The state at the end of a conversation.
	 * @throws {HistoryError} if a stored call has another result now
	 */
	after(conversation: readonly Entry[]): EnvironmentState {
		let from = conversation.length;
		let state: EnvironmentState | undefined;
		while (!state && from > 0) {
			const entry = conversation[--from]!;
			if (entry.kind === 'agent') state = this.#afterEvent.get(entry);
		}
		state ??= this.#initial;
		for (const entry of conversation.slice(from)) {
			if (entry.kind !== 'agent' || this.#afterEvent.has(entry)) continue;
			for (const call of entry.calls ?? []) state = this.#carryOut(state, call, entry.n);
			this.#afterEvent.set(entry, state);
		}
		return state;
	}

	#carryOut(state: EnvironmentState, call: ExecutedCall, n: number): EnvironmentState {
		const noted = this.#afterCall.get(call);
		if (noted?.before === state) return noted.after;
		const { name, result, ok } = call;
		const made = this.environment.call(state, callOf(call));
		const now = canonicalJson(made.executed.result);
		const then = canonicalJson(result);
		if (now !== then || made.executed.ok !== ok)
			throw new HistoryError(
				this.#scenario.id,
				n,
				`${name} returned ${short(then)}, but now returns ${short(now)}`
			);
		return made.state;
	}
}

function short(text: string): string {
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
