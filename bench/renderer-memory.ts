import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const interval = 100;

/**
 * Watches how much memory the renderer processes of the browsers that this process started have resident, with all their workers, in
 * bytes. On Linux only, for it reads /proc.
 */
export class RendererMemory {
	#peak = 0;
	#timer: ReturnType<typeof setInterval> | undefined;

	/** Begins to watch. @returns what is resident now */
	start(): number {
		this.#peak = rendererBytes();
		this.#timer = setInterval(() => (this.#peak = Math.max(this.#peak, rendererBytes())), interval);
		return this.#peak;
	}

	/** @returns the most that was resident at once */
	stop(): number {
		clearInterval(this.#timer);
		return Math.max(this.#peak, rendererBytes());
	}
}

function rendererBytes(): number {
	const parents = new Map<number, number>();
	for (const name of readdirSync('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		const parent = /^PPid:\s+(\d+)/m.exec(textOf(`/proc/${name}/status`))?.[1];
		if (parent !== undefined) parents.set(Number(name), Number(parent));
	}
	const isOurs = (pid: number): boolean => {
		const parent = parents.get(pid);
		return parent !== undefined && (parent === process.pid || isOurs(parent));
	};
	let bytes = 0;
	for (const pid of parents.keys()) {
		if (!textOf(`/proc/${pid}/cmdline`).includes('--type=renderer') || !isOurs(pid)) continue;
		bytes += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
	}
	return bytes;
}

/** Nothing of a process that has just ended. */
function textOf(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
