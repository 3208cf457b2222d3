import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder of the built page. */
export const pageFolder = join(root, 'dist');

/** What the built page is made of. */
const sources = [
	'connected.html',
	'index.html',
	'package-lock.json',
	'public',
	'scripts/serving.ts',
	'src',
	'svelte.config.js',
	'tsconfig.json',
	'vite.config.ts',
	'workers'
];

/** Used by the command line alone; a change there changes no page. */
const notOnThePage = join(root, 'src', 'cli');

/** Builds the page if it is missing or older than its sources, and returns its folder. */
export function ensurePage(): string {
	const index = join(pageFolder, 'index.html');
	if (existsSync(index) && newest(...sources.map((path) => join(root, path))) <= statSync(index).mtimeMs) {
		return pageFolder;
	}
	say('building the page');
	const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
	const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
		cwd: root,
		encoding: 'utf8',
		// Vitest sets NODE_ENV for itself; the page is for production whoever builds it.
		env: { ...process.env, NODE_ENV: 'production' }
	});
	if (status !== 0) throw new Error(`the page could not be built:\n${stdout}${stderr}`);
	return pageFolder;
}

/** The latest change under some paths, folders themselves included (they change when a file is removed). */
function newest(...paths: readonly string[]): number {
	let latest = 0;
	for (const path of paths) {
		const stat = statSync(path, { throwIfNoEntry: false });
		if (stat === undefined || path === notOnThePage) continue;
		latest = Math.max(latest, stat.mtimeMs);
		if (stat.isDirectory())
			latest = Math.max(latest, newest(...readdirSync(path).map((name) => join(path, name))));
	}
	return latest;
}
