import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';

/** Holds the id of the process that writes the folder. */
export const lockFile = '.lock';

/** Locks of this process. */
const held = new Set<string>();

/**
 * Two processes that write one folder would spoil each other's work. The lock goes when this process ends; one that a
 * killed process left behind is taken over.
 *
 * @throws {UsageError} if another process holds it
 */
export function lockFolder(folder: string): void {
	const path = join(folder, lockFile);
	const holder = holderOf(path);
	if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
		throw new UsageError(
			`${folder} is being written by process ${holder}. Wait for it, or choose another --out.`
		);
	}
	writeFileSync(path, `${process.pid}\n`);
	if (held.size === 0) process.once('exit', () => held.forEach((one) => rmSync(one, { force: true })));
	held.add(path);
}

function holderOf(path: string): number | undefined {
	try {
		return Number(readFileSync(path, 'utf8')) || undefined;
	} catch {
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
