import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../../models/source.ts';
import type { CatalogueService } from '../../models/webllm/host.ts';
import type { KeptModel, KeptModels } from '../../models/wllama/kept-models.ts';
import { storeChoice, storedChoice } from './chosen.ts';
import { needsConnection, nameOfSource } from './source-words.ts';
import { WebCatalogue } from './web-catalogue.svelte.ts';

/** Starts the worker that holds web-llm's list. */
export type OpenCatalogue = () => CatalogueService;

/** Whom a model is for. */
export type Role = 'agent' | 'user' | 'both';

/** The models there are to choose from, and which are chosen for new runs. */
export class ModelShelf {
	/** Absent on the page that reaches nothing but its own origin. */
	readonly catalogue: WebCatalogue | undefined;
	readonly #files: KeptModels;
	chosen = $state.raw<RoleModels<ModelSource>>(embeddedInBothRoles);
	kept = $state.raw<readonly KeptModel[]>([]);
	/** The file that is being copied, and how much of it is. */
	keeping = $state.raw<{ readonly name: string; readonly fraction: number }>();
	/** What was wrong with the files that were chosen last. */
	problem = $state<string>();
	#copying = new AbortController();

	constructor(files: KeptModels, openCatalogue?: OpenCatalogue) {
		this.#files = files;
		this.catalogue = openCatalogue && new WebCatalogue(openCatalogue);
		const stored = storedChoice();
		if (this.isConnected || !needsConnection(stored)) this.chosen = stored;
	}

	get isConnected(): boolean {
		return this.catalogue !== undefined;
	}

	choose(role: Role, source: ModelSource): void {
		const { agent, user } = this.chosen;
		this.chosen = { agent: role === 'user' ? agent : source, user: role === 'agent' ? user : source };
		storeChoice(this.chosen);
	}

	nameOf(source: ModelSource): string {
		return nameOfSource(source, this.kept);
	}

	async refresh(): Promise<void> {
		try {
			this.kept = await this.#files.list();
		} catch (error) {
			this.problem = messageOf(error);
		}
	}

	/** Copies files into the browser's storage, all of them parts of one model. */
	async keep(files: readonly File[]): Promise<void> {
		const [first] = files;
		if (!first || this.keeping) return;
		this.problem = undefined;
		this.#copying = new AbortController();
		const tell = (fraction: number) => (this.keeping = { name: first.name, fraction });
		tell(0);
		try {
			await this.#files.keep(files, { signal: this.#copying.signal, onProgress: tell });
		} catch (error) {
			if (!this.#copying.signal.aborted) this.problem = messageOf(error);
		} finally {
			this.keeping = undefined;
			await this.refresh();
		}
	}

	cancelKeeping(): void {
		this.#copying.abort();
	}

	async delete(id: string): Promise<void> {
		try {
			await this.#files.delete(id);
		} catch (error) {
			this.problem = messageOf(error);
		}
		const gone = (source: ModelSource) =>
			source.engine === 'wllama' && (source.model === id || source.adapter?.id === id);
		for (const role of ['agent', 'user'] as const)
			if (gone(this.chosen[role])) this.choose(role, embeddedInBothRoles[role]);
		await this.refresh();
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
