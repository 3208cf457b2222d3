/**
 * Installs the locked dependencies. Plain JavaScript without imports from node_modules: on a fresh machine nothing is
 * there yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Throws an `Error` with a message for the user if the dependencies cannot be installed. */
export function ensureDependencies() {
	checkNode();
	const reason = whatIsMissing();
	if (reason === undefined) return;
	say(`installing the locked dependencies with npm ci (${reason})`);
	const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' };
	const { status, error } = spawnSync(
		'npm',
		['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'],
		options
	);
	if (error || status !== 0) {
		throw new Error(
			`npm ci failed (${error ? error.message : `exit code ${status}`}). It needs npm, and the network or a filled npm ` +
				'cache. Nothing else was changed; run the command again when these are there.'
		);
	}
}

function checkNode() {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 19)) {
		throw new Error(
			`this is Node ${process.versions.node}; Joshtree needs 20.19 or newer (https://nodejs.org).`
		);
	}
}

/**
 * What of package-lock.json is not in node_modules, in words; undefined if all is there. Versions are compared, not
 * dates: git sets dates anew on each checkout.
 */
function whatIsMissing() {
	const lock = packages(join(root, 'package-lock.json'));
	const installedList = join(root, 'node_modules', '.package-lock.json');
	if (!existsSync(installedList)) return 'node_modules is missing';
	const installed = packages(installedList);
	for (const [path, wanted] of Object.entries(lock)) {
		// The root itself, and what other platforms need, is not listed.
		if (path === '' || wanted.optional) continue;
		if (installed[path]?.version !== wanted.version) {
			const name = path.replace(/^.*node_modules\//, '');
			return `${name} is ${installed[path]?.version ?? 'missing'}, locked is ${wanted.version}`;
		}
	}
	return undefined;
}

function packages(file) {
	return JSON.parse(readFileSync(file, 'utf8')).packages;
}
