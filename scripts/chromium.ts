import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { say } from './say.js';

/** Chromium refuses this port before it asks anyone, a proxy included. */
const nowhere = 'https://localhost:1';

/**
 * Flags with which Chromium runs headless, as root, and asks nothing of the network on its own account: playwright's own
 * flags leave it asking for updates, signed-in accounts and what form fields mean.
 */
export const chromiumArgs = [
	'--no-sandbox',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-domain-reliability',
	'--disable-sync',
	`--autofill-server-url=${nowhere}`,
	`--component-updater=url-source=${nowhere}`,
	`--gaia-url=${nowhere}`
];

const require = createRequire(import.meta.url);

/**
 * The path of a Chromium on this machine, or undefined: `CHROMIUM_PATH`, else one on `PATH`, else an installed Chrome,
 * else the one that playwright keeps in its cache.
 *
 * @throws if `CHROMIUM_PATH` names no file: the user who sets it wants that one and no other
 */
export function findChromium(): string | undefined {
	const chosen = process.env['CHROMIUM_PATH'];
	if (chosen) {
		if (!existsSync(chosen)) {
			throw new Error(
				`CHROMIUM_PATH is ${chosen}, and there is no such file. Set it to a Chromium, or unset it to have one found.`
			);
		}
		return chosen;
	}
	return [...onPath(), ...wellKnown, playwrightCore().chromium.executablePath()].find((path) =>
		existsSync(path)
	);
}

/** Finds Chromium or installs it where that is possible; says what it does. */
export function ensureChromium(): string {
	const found = findChromium();
	if (found !== undefined) return found;
	const tried: string[] = [];
	for (const { name, command, args } of installers()) {
		say(`no Chromium found; installing it with ${name}`);
		const { status, error } = spawnSync(command, args, {
			stdio: ['ignore', 'inherit', 'inherit'],
			env: quietly
		});
		const installed = findChromium();
		if (installed !== undefined) return installed;
		tried.push(`${name} (${error ? error.message : `exit code ${status}`})`);
	}
	throw new Error(
		[
			'there is no Chromium on this machine, and it could not be installed.',
			`  looked for: ${names.join(', ')} on PATH, Google Chrome, playwright's own`,
			`  tried:      ${tried.join('; ')}`,
			'  what to do: install Chromium or Chrome with your system (Debian: apt-get install chromium),',
			'              or set CHROMIUM_PATH to the one you have; then run the command again.'
		].join('\n')
	);
}

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const wellKnown = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((folder) =>
		process.env[folder] ? [join(process.env[folder], 'Google/Chrome/Application/chrome.exe')] : []
	)
];

function onPath(): string[] {
	const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
	return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function playwrightCore(): typeof import('playwright-core') {
	return require('playwright-core') as typeof import('playwright-core');
}

/** apt must not ask questions: there may be nobody to answer. */
const quietly = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/** In the order in which they are tried. Debian's Chromium brings the system libraries it needs. */
function installers(): { name: string; command: string; args: string[] }[] {
	const debianAsRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;
	const apt = [
		{ name: 'apt-get update', command: 'apt-get', args: ['update', '-qq'] },
		{
			name: 'apt-get install chromium',
			command: 'apt-get',
			args: ['install', '-y', '-qq', '--no-install-recommends', 'chromium']
		}
	];
	const playwright = {
		name: 'npx playwright-core install chromium',
		command: process.execPath,
		args: [
			join(dirname(require.resolve('playwright-core/package.json')), 'cli.js'),
			'install',
			'--no-shell',
			'chromium'
		]
	};
	return [...(debianAsRoot ? apt : []), playwright];
}
