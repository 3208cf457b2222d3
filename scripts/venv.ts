import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const windows = process.platform === 'win32';

/**
 * The Python of a virtual environment that holds the requirements, made or brought up to date if need be.
 *
 * @param requirements as pip takes them, e.g. `trl==1.16.0`
 * @throws if there is no Python, or pip fails
 */
export function venvWith(folder: string, requirements: readonly string[]): string {
	const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
	// Written last: an environment that was cut off is made again.
	const mark = join(folder, 'installed.txt');
	const wanted = requirements.join('\n');
	if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
	console.error(`Making ${folder} ready; the downloads can be large`);
	run(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
	run(python, ['-m', 'pip', 'install', '--quiet', ...requirements]);
	writeFileSync(mark, wanted);
	return python;
}

/** The lines of a requirements file that name something. */
export function requirementsIn(file: string): string[] {
	return readFileSync(file, 'utf8')
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'));
}

function run(command: string, args: readonly string[]): void {
	const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
	if (status === 0) return;
	throw new Error(
		`${command} ${args.join(' ')} failed (${error?.message ?? `exit code ${status}`}). ` +
			'This needs Python 3.11 or newer with venv, and the package index; or name a Python that has all of it with --python.'
	);
}
