import type { EnvironmentSummary, RunService } from '../run/run-service.ts';
import type { Notices } from './notices.svelte.ts';

/** The environments that new runs are offered, and the one that is chosen. */
export class EnvironmentShelf {
	readonly names: readonly string[];
	/** The one that a run would be made with. */
	chosen = $state.raw() as { readonly name: string; readonly summary: EnvironmentSummary };
	/** What the form shows; other than `chosen` while it is loading. */
	wanted = $state('');
	readonly #service: RunService;
	readonly #notices: Notices;

	static async open(service: RunService, notices: Notices): Promise<EnvironmentShelf> {
		const names = await service.environments();
		return new EnvironmentShelf(service, notices, names, await service.environment());
	}

	private constructor(
		service: RunService,
		notices: Notices,
		names: readonly string[],
		usual: EnvironmentSummary
	) {
		this.#service = service;
		this.#notices = notices;
		this.names = names;
		this.chosen = { name: names[0]!, summary: usual };
		this.wanted = names[0]!;
	}

	get isLoading(): boolean {
		return this.wanted !== this.chosen.name;
	}

	/** One that cannot be loaded is told of, and the one before stays. */
	async choose(name: string): Promise<void> {
		this.wanted = name;
		try {
			const summary = await this.#service.environment(name);
			// Another may have been chosen meanwhile.
			if (this.wanted === name) this.chosen = { name, summary };
		} catch (error) {
			this.#notices.fail('The environment could not be loaded', error);
			if (this.wanted === name) this.wanted = this.chosen.name;
		}
	}
}
