import { execFileSync } from 'node:child_process';

/** Kills all processes of the Chromium that uses this profile: no chance to write anything more. */
export function killBrowser(profile: string): void {
	const processes = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
	for (const line of processes) {
		if (!line.includes(`--user-data-dir=${profile}`)) continue;
		try {
			process.kill(parseInt(line), 'SIGKILL');
		} catch {
			// It died with another of them.
		}
	}
}
