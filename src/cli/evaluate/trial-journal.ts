import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { decoded, linesOf } from '../../base/bytes.ts';
import { parseJson } from '../../base/json-read.ts';
import { canonicalJson, writeJson, type Json, type JsonObject } from '../../base/json.ts';
import { sha256 } from '../../base/hash.ts';
import type { Trial, TrialId } from '../../evaluation/trial.ts';
import { listed } from '../../store/stored-data.ts';
import { naming } from '../disk-error.ts';
import { lockFolder } from '../folder-lock.ts';
import { NodeFiles } from '../node-files.ts';

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
		await naming(path, async () => {
			mkdirSync(path, { recursive: true });
			lockFolder(path);
		});
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
		const line = `${writeJson(trial)}\n`;
		this.#writing = this.#writing.then(() => naming(this.path, () => this.#files.append(trialsFile, line)));
		return this.#writing;
	}

	/** A last line that a killed process left half written is dropped; that conversation is run again. */
	async #read(): Promise<void> {
		const bytes = (await this.#files.read(trialsFile)) ?? new Uint8Array();
		const lines = linesOf([bytes]);
		const damaged: string[] = [];
		let next = await lines.next();
		for (let number = 1; !next.done; number++, next = await lines.next()) {
			const trial = trialIn(next.value);
			const key = trial && keyOf(trial.row);
			const known = key === undefined ? undefined : this.#trials.get(key);
			if (!trial || (known && textOf(known) !== textOf(trial))) damaged.push(`line ${number}`);
			else this.#trials.set(key!, trial);
		}
		if (damaged.length > 0)
			throw new Error(
				[
					`${join(this.path, trialsFile)} is damaged: these lines are no conversations, or others than before.`,
					...listed(damaged),
					'Remove them, and their conversations are run again.'
				].join('\n')
			);
		if (next.value.length > 0) await this.#files.truncate(trialsFile, bytes.length - next.value.length);
	}
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));

/** As far as figures are made of it. */
const trialSchema = v.looseObject({
	row: v.looseObject({
		scenario: v.string(),
		trial: count,
		domains: v.array(v.string()),
		reward: v.pipe(amount, v.maxValue(1)),
		success: v.boolean(),
		cause: v.exactOptional(v.string()),
		endedByUser: v.boolean(),
		agentTurns: count,
		calls: v.looseObject({ parsed: count, malformed: count, rejected: count }),
		inventedByUser: count,
		tokens: v.looseObject({ prompt: count, completion: count }),
		seconds: amount
	}),
	transcript: v.array(v.looseObject({ role: v.string(), content: v.string() }))
});

function trialIn(line: Uint8Array): Trial | undefined {
	try {
		const value: unknown = parseJson(decoded(line) ?? '');
		return v.is(trialSchema, value) ? (value as unknown as Trial) : undefined;
	} catch {
		return undefined;
	}
}

/** Equal for conversations that went the same, however long they took. */
function textOf({ row, transcript }: Trial): string {
	return canonicalJson({ row: { ...row, seconds: 0 }, transcript } as unknown as Json);
}

function keyOf({ scenario, trial }: TrialId): string {
	return `${trial} ${scenario}`;
}
