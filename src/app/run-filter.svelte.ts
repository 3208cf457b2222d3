/* eslint-disable svelte/prefer-svelte-reactivity -- what is drawn is replaced as a whole; thousands of reactive entries would be slow */
import type { Facets, RunService, SearchQuery } from '../run/run-service.ts';
import { viewId } from './view-id.ts';

/** Milliseconds for which a query that is being typed is waited with. */
const typing = 250;
/** The same for a run that changes: each answer goes through all summaries, in the worker that conducts the run. */
const changing = 5000;

/** Which searches of a run are wanted, and which those are. */
export class RunFilter {
	readonly #service: Pick<RunService, 'find' | 'facets'>;
	readonly #run: string;
	query = $state.raw<SearchQuery>({});
	/** Searches that the query finds, by their names on the page; `undefined` if all are wanted. */
	found = $state.raw<ReadonlySet<string>>();
	facets = $state.raw<Facets>();
	/** Why the last question was not answered. */
	problem = $state<string>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#asked = 0;

	constructor(service: Pick<RunService, 'find' | 'facets'>, run: string) {
		this.#service = service;
		this.#run = run;
	}

	get isOn(): boolean {
		return Object.keys(this.query).length > 0;
	}

	/** Asks again soon. @param change members that are empty are asked no more */
	ask(change: { readonly [Member in keyof SearchQuery]?: SearchQuery[Member] | undefined }): void {
		const query = { ...this.query, ...change };
		this.query = Object.fromEntries(
			Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
		) as SearchQuery;
		if (!this.isOn) this.found = undefined;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#later(typing);
	}

	/** Something has changed in the run. */
	renew(): void {
		if (this.facets || this.isOn) this.#later(changing);
	}

	/** What there is to ask for, from now on. */
	open(): void {
		void this.#answer();
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#asked++;
	}

	#later(delay: number): void {
		this.#timer ??= setTimeout(() => void this.#answer(), delay);
	}

	async #answer(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const asked = ++this.#asked;
		try {
			const [facets, found] = await Promise.all([
				this.#service.facets(this.#run),
				this.isOn ? this.#service.find(this.#run, this.query) : undefined
			]);
			// Something else has been asked meanwhile.
			if (asked !== this.#asked) return;
			this.facets = facets;
			this.found = found && new Set(found.map(viewId));
			this.problem = undefined;
		} catch (error) {
			if (asked === this.#asked) this.problem = error instanceof Error ? error.message : String(error);
		}
	}
}
