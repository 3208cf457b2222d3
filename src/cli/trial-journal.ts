import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../base/json-read.ts';
import { canonicalJson, writeJson, type JsonObject } from '../base/json.ts';
import { sha256 } from '../base/hash.ts';
import type { Trial, TrialId } from '../evaluation/trial.ts';
import { lockFolder } from './folder-lock.ts';
import { NodeFiles } from './node-files.ts';

const trialsFile = 'trials.jsonl';
const settingsFile = 'settings.json';

/**
 * Finished conversations, kept under what made them, so that an evaluation that was cut off goes on, and a larger one
 * takes over what a smaller one did.
 */
export class TrialJournal {
	readonly path: string;
	readonly #files: NodeFiles;
	readonly #trials = new Map<string, Trial>();
	#writing: Promise<void> = Promise.resolve();

	private constructor(path: string, files: NodeFiles) {
		this.path = path;
		this.#files = files;
	}

	/**
	 * @param made everything that decides how a conversation goes: models, environment, versions, sampling, seed
	 * @throws {UsageError} if another process writes it
	 */
	static async open(parent: string, name: string, made: JsonObject): Promise<TrialJournal> {
		const text = canonicalJson(made);
		const path = join(parent, `${name}-${(await sha256(text)).slice(0, 8)}`);
		mkdirSync(path, { recursive: true });
		lockFolder(path);
		const journal = new TrialJournal(path, new NodeFiles(path));
		await journal.#read();
		await journal.#files.write(settingsFile, `${writeJson(made, '\t')}\n`);
		return journal;
	}

	get(trial: TrialId): Trial | undefined {
		return this.#trials.get(keyOf(trial));
	}

	/** Resolves when it is on disk. */
	add(trial: Trial): Promise<void> {
		this.#trials.set(keyOf(trial.row), trial);
		this.#writing = this.#writing.then(() => this.#files.append(trialsFile, `${writeJson(trial)}\n`));
		return this.#writing;
	}

	/** A last line that a killed process left half written is dropped; that conversation is had again. */
	async #read(): Promise<void> {
		const text = (await this.#files.read(trialsFile)) ?? '';
		const whole = text.slice(0, text.lastIndexOf('\n') + 1);
		if (whole !== text) await this.#files.write(trialsFile, whole);
		for (const [index, line] of whole.split('\n').slice(0, -1).entries()) {
			try {
				const trial = parseJson(line) as unknown as Trial;
				this.#trials.set(keyOf(trial.row), trial);
			} catch {
				const where = `${join(this.path, trialsFile)}, line ${index + 1}`;
				throw new Error(`${where} cannot be read. Remove that line, and its conversation is had again.`);
			}
		}
	}
}

function keyOf({ scenario, trial }: TrialId): string {
	return `${trial} ${scenario}`;
}
