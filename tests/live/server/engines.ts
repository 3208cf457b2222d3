import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvWith } from '../../../scripts/venv.ts';

/** Real servers from PyPI, at the versions that were tried. */
export const engines = {
	/** llama.cpp's own `llama-server` in a wheel: seconds. */
	xllamacpp: {
		requirement: 'xllamacpp==2026.10.11549',
		start: (model: string, port: number) => [
			fileURLToPath(new URL('xllamacpp_server.py', import.meta.url)),
			model,
			String(port)
		]
	},
	/** A server of its own over llama.cpp. Comes as source: needs cmake and a C++ compiler, and half an hour of one core. */
	'llama-cpp-python': {
		requirement: 'llama-cpp-python[server]==0.3.36',
		start: (model: string, port: number) => [
			...['-m', 'llama_cpp.server', '--model', model, '--model_alias', 'embedded'],
			...['--n_ctx', '2048', '--n_threads', '1', '--port', String(port)]
		]
	}
} as const;

export type EngineName = keyof typeof engines;

/** The Python of a virtual environment that holds the engine, made if need be. @throws if pip fails */
export function pythonWith(name: EngineName, parent: string): string {
	return venvWith(join(parent, name), [engines[name].requirement]);
}

export interface RealServer {
	readonly address: string;
	/** As the server calls it. */
	readonly model: string;
	readonly process: ChildProcess;
}

/** @throws if it does not answer within a minute */
export async function startServer(name: EngineName, python: string, model: string): Promise<RealServer> {
	const port = await freePort();
	const child = spawn(python, engines[name].start(model, port), { stdio: 'ignore' });
	const address = `http://localhost:${port}/v1`;
	for (let waited = 0; waited < 60 && child.exitCode === null; waited++) {
		const answer = await fetch(`${address}/models`).catch(() => undefined);
		if (answer?.ok) {
			const { data } = (await answer.json()) as { data: { id: string }[] };
			return { address, model: data[0]!.id, process: child };
		}
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
	child.kill();
	throw new Error(`${name} did not start; try ${python} ${engines[name].start(model, port).join(' ')}`);
}

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
