import { canonicalJson } from '../base/json.ts';
import { callOf } from '../dialogue/call-arguments.ts';
import type {
	Actor,
	Environment,
	EnvironmentState,
	ExecutedCall,
	Scenario
} from '../environment/environment.ts';
import type { SearchEvent } from './events.ts';
import { HistoryError } from './history-error.ts';
import type { Entry } from './tree.ts';

/**
 * Environment states of one search. They are never stored: each is made from the state before it by carrying out the stored calls
 * again, unless the call was made here and its state is still known.
 */
export class EnvironmentStates {
	/** The environment to hand to agents and users: it notes the state after each call. */
	readonly environment: Environment;
	readonly #scenario: Scenario;
	readonly #states = new Set<EnvironmentState>();
	readonly #afterCall = new WeakMap<ExecutedCall, { before: EnvironmentState; after: EnvironmentState }>();
	readonly #afterEvent = new WeakMap<SearchEvent, EnvironmentState>();
	#initial: Promise<EnvironmentState> | undefined;

	constructor(environment: Environment, scenario: Scenario) {
		this.#scenario = scenario;
		const call: Environment['call'] = async (before, actor, call) => {
			const made = await environment.call(before, actor, call);
			this.#states.add(made.state);
			this.#afterCall.set(made.executed, { before, after: made.state });
			return made;
		};
		this.environment = Object.assign(Object.create(environment) as Environment, { call });
	}

	/**
	 * The state at the end of a conversation.
	 * @throws {HistoryError} if a stored call has another result now
	 */
	async after(conversation: readonly Entry[]): Promise<EnvironmentState> {
		let from = conversation.length;
		let state: EnvironmentState | undefined;
		while (!state && from > 0) {
			const entry = conversation[--from]!;
			if ('n' in entry) state = this.#afterEvent.get(entry);
		}
		state ??= await (this.#initial ??= this.#begin());
		for (const entry of conversation.slice(from)) {
			if (!('n' in entry) || this.#afterEvent.has(entry)) continue;
			state = await this.afterCalls(state, entry.kind, entry.calls ?? [], entry.n);
			this.#afterEvent.set(entry, state);
		}
		return state;
	}

	/** The state after a step's calls. @param n number of the event, for messages */
	async afterCalls(
		before: EnvironmentState,
		actor: Actor,
		calls: readonly ExecutedCall[],
		n: number
	): Promise<EnvironmentState> {
		let state = before;
		for (const call of calls) state = await this.#carryOut(state, actor, call, n);
		return state;
	}

	/** Lets go of all states. */
	release(): void {
		const { environment } = this;
		if (environment.release) for (const state of this.#states) environment.release(state);
		this.#states.clear();
	}

	async #begin(): Promise<EnvironmentState> {
		const state = await this.environment.initial(this.#scenario);
		this.#states.add(state);
		return state;
	}

	async #carryOut(
		state: EnvironmentState,
		actor: Actor,
		call: ExecutedCall,
		n: number
	): Promise<EnvironmentState> {
		const noted = this.#afterCall.get(call);
		if (noted?.before === state) return noted.after;
		const { name, result, ok } = call;
		const made = await this.environment.call(state, actor, callOf(call));
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
