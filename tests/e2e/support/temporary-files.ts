import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux keeps files in memory. */
const memory = '/dev/shm';

/**
 * Vitest's global set-up of these tests: their temporary files, profiles of browsers above all, lie in memory where there
 * is room for them, and go with the last test. A browser with a new profile has the disk flushed some 400 times, and on
 * slow disks that took longer than all else.
 */
export default function keepInMemory(): (() => void) | undefined {
	if (!hasRoom()) return undefined;
	const before = process.env['TMPDIR'];
	const folder = mkdtempSync(join(memory, 'joshtree-tests-'));
	process.env['TMPDIR'] = folder;
	return () => {
		if (before === undefined) delete process.env['TMPDIR'];
		else process.env['TMPDIR'] = before;
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	};
}

function hasRoom(): boolean {
	try {
		accessSync(memory, constants.W_OK);
		const { bavail, bsize } = statfsSync(memory);
		return bavail * bsize > 2 ** 30;
	} catch {
		return false;
	}
}
