import type { CheckReport } from '../../dataset/check/self-check.ts';
import { trainingCuration, type CurationOptions } from '../../dataset/curation/curation.ts';
import { datasetFormats } from '../../dataset/formats/index.ts';
import type { DatasetProgress } from '../../dataset/dataset.ts';
import type { ThoughtMember } from '../../dataset/thoughts.ts';
import type {
	DatasetChoices,
	DatasetOutcome,
	DatasetService,
	TargetChoice
} from '../../run/dataset-service.ts';
import { save } from '../save.ts';

type Service = Pick<DatasetService, 'checkDataset' | 'exportDataset'>;

/** File System Access, where the browser has it. */
interface Pickers {
	showDirectoryPicker?(options: { mode: 'readwrite'; id: string }): Promise<FileSystemDirectoryHandle>;
	showSaveFilePicker?(options: { suggestedName: string; id: string }): Promise<FileSystemFileHandle>;
}

const pickers = globalThis as unknown as Pickers;

/** In the origin's private file system; emptied before each use. */
const privateFolder = 'exports';

/** What the user chose for a dataset, and what came of it. */
export class DatasetExport {
	readonly canPickFolder = pickers.showDirectoryPicker !== undefined;
	#cancel = new AbortController();
	formats = $state<string[]>([...datasetFormats.keys()].filter((id) => id.startsWith('trl-')));
	curation = $state<CurationOptions>({ ...trainingCuration });
	/** What rows call the thoughts of the agent; `undefined` to leave them out. */
	thoughts = $state<ThoughtMember>();
	target = $state.raw<TargetChoice>();
	/** What is being done; `undefined` for nothing. */
	doing = $state<'checking' | 'writing'>();
	progress = $state.raw<DatasetProgress>();
	outcome = $state.raw<DatasetOutcome>();
	problem = $state<string>();
	/** What was written last, in words. */
	written = $state<string>();
	readonly #service: Service;
	readonly #run: string;
	readonly #name: string;

	constructor(service: Service, run: string, name: string) {
		this.#service = service;
		this.#run = run;
		this.#name = name;
	}

	get report(): CheckReport | undefined {
		return this.outcome?.report;
	}

	check(): Promise<void> {
		return this.#do('checking', async (choices, ...watch) => {
			this.outcome = await this.#service.checkDataset(this.#run, choices, ...watch);
		});
	}

	/** Asks for a folder first; the dataset goes into a new one below it. */
	async saveToFolder(): Promise<void> {
		const parent = await picked(() => pickers.showDirectoryPicker!({ mode: 'readwrite', id: 'joshtree' }));
		if (!parent) return;
		await this.#do('writing', async (choices, ...watch) => {
			const folder = await newFolder(parent, this.#name);
			try {
				this.outcome = await this.#service.exportDataset(this.#run, choices, folder, ...watch);
			} catch (error) {
				// Nothing half is left.
				await parent.removeEntry(folder.name, { recursive: true }).catch(() => undefined);
				throw error;
			}
			this.written = `Written to the folder ${folder.name} in ${parent.name}.`;
		});
	}

	/** One archive: straight to where the user wants it, or by way of the browser's own storage, or memory, to the downloads. */
	async download(): Promise<void> {
		const name = `${this.#name}.zip`;
		const ask = pickers.showSaveFilePicker;
		const file = ask && (await picked(() => ask({ suggestedName: name, id: 'joshtree' })));
		if (ask && !file) return;
		await this.#do('writing', async (choices, ...watch) => {
			const target = file ?? (await privateFile(name).catch(() => undefined));
			const { archive, ...outcome } = await this.#service.exportDataset(this.#run, choices, target, ...watch);
			this.outcome = outcome;
			if (!file) save(name, archive ?? (await target!.getFile()));
			this.written = `Written as ${target?.name ?? name}.`;
		});
	}

	/** @returns the folder of the dataset in the browser's own storage, unless it could not be written */
	async toPrivateFolder(): Promise<FileSystemDirectoryHandle | undefined> {
		let folder: FileSystemDirectoryHandle | undefined;
		await this.#do('writing', async (choices, ...watch) => {
			const made = await emptyPrivateFolder();
			this.outcome = await this.#service.exportDataset(this.#run, choices, made, ...watch);
			folder = made;
		});
		return folder;
	}

	cancel(): void {
		this.#cancel.abort();
	}

	async #do(
		doing: 'checking' | 'writing',
		work: (
			choices: DatasetChoices,
			onProgress: (progress: DatasetProgress) => void,
			signal: AbortSignal
		) => Promise<void>
	): Promise<void> {
		if (this.doing) return;
		this.doing = doing;
		this.#cancel = new AbortController();
		const { signal } = this.#cancel;
		this.problem = undefined;
		this.written = undefined;
		try {
			const { formats, curation, thoughts, target } = this;
			const choices = {
				formats: [...formats],
				curation: { ...curation },
				...(thoughts && { thoughts }),
				...(target && { target })
			};
			await work(choices, (progress) => (this.progress = progress), signal);
		} catch (error) {
			if (!(error instanceof Error && error.name === 'AbortError'))
				this.problem = error instanceof Error ? error.message : String(error);
		} finally {
			this.doing = undefined;
			this.progress = undefined;
		}
	}
}

/** What the user picked; `undefined` if they changed their mind. */
async function picked<Handle>(ask: () => Promise<Handle>): Promise<Handle | undefined> {
	try {
		return await ask();
	} catch (error) {
		if (error instanceof Error && error.name === 'AbortError') return undefined;
		throw error;
	}
}

/** Nothing of an earlier dataset may be mixed with this one. */
async function newFolder(
	parent: FileSystemDirectoryHandle,
	name: string
): Promise<FileSystemDirectoryHandle> {
	for (let number = 1; ; number++) {
		const candidate = number === 1 ? name : `${name}-${number}`;
		try {
			await parent.getDirectoryHandle(candidate);
		} catch {
			return parent.getDirectoryHandle(candidate, { create: true });
		}
	}
}

/** @throws {Error} if the browser does not let this page keep files */
async function emptyPrivateFolder(): Promise<FileSystemDirectoryHandle> {
	try {
		const root = await navigator.storage.getDirectory();
		await root.removeEntry(privateFolder, { recursive: true }).catch(() => undefined);
		return await root.getDirectoryHandle(privateFolder, { create: true });
	} catch (error) {
		throw new Error(
			`The browser does not let this page keep files, not even for a while (${error instanceof Error ? error.message : String(error)}). Allow site data and reload the page, or download the dataset.`,
			{ cause: error }
		);
	}
}

async function privateFile(name: string): Promise<FileSystemFileHandle> {
	return (await emptyPrivateFolder()).getFileHandle(name, { create: true });
}
