import type * as FileSystem from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Writes that still fit on the disk. */
let room = Infinity;

/** From now on the disk is full after so many more writes, of which the last one is cut off in the middle. */
export function leaveRoom(writes: number): void {
	room = writes;
}

function write(): void {
	if (room-- > 0) return;
	room = 0;
	throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
		code: 'ENOSPC',
		syscall: 'write'
	});
}

/** The file system with a disk that can be full, for `vi.mock('node:fs/promises', …)`. */
export function onSmallDisk(real: typeof FileSystem): typeof FileSystem {
	const counted =
		<Arguments extends unknown[], Result>(work: (...args: Arguments) => Promise<Result>) =>
		async (...args: Arguments) => {
			write();
			return work(...args);
		};
	return {
		...real,
		mkdir: counted(real.mkdir as (...args: unknown[]) => Promise<undefined>) as typeof real.mkdir,
		rename: counted(real.rename),
		async open(path, flags, ...rest) {
			if (flags !== 'r') write();
			const file = await real.open(path, flags, ...rest);
			return new Proxy(file, {
				get(target, member) {
					if (member === 'writeFile') return (content: string | Uint8Array) => writeContent(target, content);
					const value: unknown = Reflect.get(target, member);
					return typeof value === 'function' ? value.bind(target) : value;
				}
			});
		}
	};
}

async function writeContent(file: FileHandle, content: string | Uint8Array): Promise<void> {
	try {
		write();
	} catch (error) {
		const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
		await file.writeFile(bytes.subarray(0, bytes.length / 2));
		throw error;
	}
	await file.writeFile(content);
}
