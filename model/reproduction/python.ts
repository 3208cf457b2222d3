import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';
import { requirementsIn, venvWith } from '../../scripts/venv.ts';

const workshop = resolve(import.meta.dirname, '..');
const requirements = join(workshop, 'requirements.txt');
const own = join(workshop, '.venv');

/** The scripts of the workshop, run by a Python that has what they need. */
export class Python {
	readonly #executable: string;
	readonly #signal: AbortSignal;

	private constructor(executable: string, signal: AbortSignal) {
		this.#executable = executable;
		this.#signal = signal;
	}

	/**
	 * @param chosen an executable; otherwise `model/.venv` is used, and made first where it is missing
	 * @throws {UsageError} if the chosen one lacks something
	 */
	static prepare(chosen: string | undefined, signal: AbortSignal): Python {
		if (chosen !== undefined) {
			const complaint = complaintOf(chosen);
			if (complaint === undefined) return new Python(chosen, signal);
			throw new UsageError(
				`--python ${chosen} will not do: ${complaint}\nInstall ${requirements} there, or leave the flag out.`
			);
		}
		return new Python(venvWith(own, requirementsIn(requirements)), signal);
	}

	/** Runs `model/SCRIPT`; what it prints goes to stderr. Rejects with its exit code, or when aborted. */
	async run(script: string, args: readonly string[]): Promise<void> {
		this.#signal.throwIfAborted();
		const child = spawn(this.#executable, ['-u', join(workshop, script), ...args], {
			stdio: ['ignore', process.stderr, process.stderr],
			signal: this.#signal
		});
		await new Promise<void>((resolve, reject) => {
			child.once('error', reject);
			child.once('exit', (code, signal) =>
				code === 0 ? resolve() : reject(new Error(`model/${script} ended with ${signal ?? `code ${code}`}`))
			);
		});
	}
}

/** Why a Python cannot run the workshop, or undefined if it can. */
function complaintOf(executable: string): string | undefined {
	const { status, stderr, error } = spawnSync(
		executable,
		['-c', 'import gguf, jinja2, numpy, tokenizers, torch'],
		{ encoding: 'utf8' }
	);
	if (error) return error.message;
	return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `exit code ${status}`);
}
