import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../scripts/flags.ts';
import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { shippedPacks, usualPack, type ShippedPack } from '../environment/shipped.ts';

/** The file of an environment that comes with Joshtree. */
export function packFile(name: ShippedPack): string {
	return fileURLToPath(new URL(`../../public/packs/${name}.json`, import.meta.url));
}

export const packUsage = `  --pack NAME|FILE.json   the environment: ${shippedPacks.join(', ')}, or a pack in a file (${usualPack})`;

/** What `--pack` names: an environment that comes with Joshtree, or a file. */
export function packPath(value: string = usualPack): string {
	const shipped = shippedPacks.find((name) => name === value);
	return shipped === undefined ? value : packFile(shipped);
}

/** @throws {UsageError} if there is no such file, or it holds no pack */
export async function readPack(
	file: string
): Promise<{ readonly text: string; readonly environment: Environment }> {
	const text = await readFile(file, 'utf8').catch((error: unknown) => {
		throw unreadable('--pack', file, error);
	});
	try {
		return { text, environment: await loadEnvironment(text) };
	} catch (error) {
		throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

export function unreadable(flag: string, file: string, error: unknown): UsageError {
	const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
	return new UsageError(`${flag} ${file} cannot be read: ${why}.`);
}
