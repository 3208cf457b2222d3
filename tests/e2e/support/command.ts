import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface CommandResult {
	/** Null if a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunningCommand {
	readonly process: ChildProcess;
	readonly result: Promise<CommandResult>;
	/** Resolves when either output matches; rejects if the command ends first. */
	printed(pattern: RegExp): Promise<void>;
}

/** One of the commands of package.json as npm starts it. @param env beside this process's own; undefined removes */
export function startCommand(
	name: 'start' | 'demo' | 'evaluate' | 'harvest' | 'merge' | 'prepare-tests',
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>> = {}
): RunningCommand {
	const child = spawn(process.execPath, ['scripts/run.js', name, ...args], {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const output = { stdout: '', stderr: '' };
	for (const stream of ['stdout', 'stderr'] as const) {
		child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
	}
	const result = new Promise<CommandResult>((resolve) =>
		child.on('close', (code) => resolve({ code, ...output }))
	);
	return {
		process: child,
		result,
		printed: (pattern) =>
			new Promise((resolve, reject) => {
				const look = () => pattern.test(output.stdout + output.stderr) && resolve();
				look();
				child.stdout.on('data', look);
				child.stderr.on('data', look);
				void result.then(({ code }) =>
					reject(
						new Error(`ended with ${code} before it printed ${pattern}:\n${output.stdout}${output.stderr}`)
					)
				);
			})
	};
}

export function runCommand(...call: Parameters<typeof startCommand>): Promise<CommandResult> {
	return startCommand(...call).result;
}

/** A demo that is killed, as by the system, once it has stored some steps in its folder `out`. */
export async function killedDemo(settings: readonly string[], out: string): Promise<void> {
	const demo = startCommand('demo', [...settings, '--out', out]);
	await expect
		.poll(() => storedLines(out).then((text) => text.split('\n').length), { timeout: 60_000 })
		.toBeGreaterThan(2);
	demo.process.kill('SIGKILL');
	await demo.result;
}

/** The steps that a demo's folder holds while it is not finished. */
export async function storedLines(out: string): Promise<string> {
	const runs = await readdir(join(out, 'runs')).catch(() => []);
	const texts = runs.map((run) => readFile(join(out, 'runs', run, 'events.jsonl'), 'utf8').catch(() => ''));
	return (await Promise.all(texts)).join('');
}

/** Ends the processes that a process has started, such as its browser, as by the system. */
export function killChildren(parent: number): void {
	const table = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
	const children = table
		.map((line) => line.trim().split(/\s+/).map(Number))
		.filter(([, ppid]) => ppid === parent);
	for (const [pid] of children) process.kill(pid!, 'SIGKILL');
}
