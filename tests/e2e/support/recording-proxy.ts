import { request, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findChromium } from '../../../scripts/chromium.ts';

/** An HTTP proxy that writes down what is asked of it and passes on nothing but requests to this machine. */
export class RecordingProxy {
	/** URLs, or `host:port` of tunnels. */
	readonly asked: string[] = [];
	readonly #server: Server;

	private constructor() {
		this.#server = createServer((incoming, outgoing) => {
			const url = incoming.url ?? '';
			this.asked.push(url);
			if (new URL(url).hostname !== 'localhost') {
				outgoing.writeHead(403).end();
				return;
			}
			const { method, headers } = incoming;
			const passed = request(url, { method, headers }, (answer) => {
				outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(outgoing);
			});
			passed.on('error', () => outgoing.destroy());
			incoming.pipe(passed);
		});
		this.#server.on('connect', ({ url }, socket) => {
			this.asked.push(url ?? '');
			socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
		});
	}

	static async listen(): Promise<RecordingProxy> {
		const proxy = new RecordingProxy();
		await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
		return proxy;
	}

	/** Hosts that were asked, with ports. */
	get hosts(): Set<string> {
		return new Set(this.asked.map((asked) => (asked.includes('://') ? new URL(asked).host : asked)));
	}

	/**
	 * A program that is Chromium with everything sent through this proxy, this machine's own addresses too. Being the
	 * browser's own setting it holds for all its workers.
	 */
	async chromium(folder: string): Promise<string> {
		const { port } = this.#server.address() as AddressInfo;
		const path = join(folder, 'chromium-through-proxy');
		const flags = `--proxy-server=http://127.0.0.1:${port} '--proxy-bypass-list=<-loopback>'`;
		await writeFile(path, `#!/bin/sh\nexec '${findChromium()}' ${flags} "$@"\n`);
		await chmod(path, 0o755);
		return path;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
