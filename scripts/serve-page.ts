import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { origin, productionHeaders } from './serving.ts';
import { staticFiles } from './static-files.ts';

export interface ServedPage {
	readonly url: string;
	close(): Promise<void>;
}

export class PortInUseError extends Error {
	override readonly name = 'PortInUseError';
}

/**
 * Serves a built page on this machine alone. A file that is not there is a 404, never the page: a missing model must not
 * arrive as HTML.
 *
 * @param port 0 for any free one
 * @throws {PortInUseError}
 */
export async function servePage(folder: string, port: number): Promise<ServedPage> {
	const answer = staticFiles({ folder, headers: productionHeaders });
	const server = createServer((request, response) => {
		if (isThisMachine(request.headers.host)) void answer(request, response);
		else response.writeHead(403, productionHeaders('')).end();
	});
	server.listen(port, origin.host);
	try {
		await once(server, 'listening');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
		throw new PortInUseError(`port ${port} of ${origin.host} is in use`, { cause: error });
	}
	const { port: given } = server.address() as AddressInfo;
	return {
		url: `http://${origin.host}:${given}`,
		async close() {
			const closed = once(server, 'close');
			server.close();
			// Browsers keep connections open; nobody should wait for them.
			server.closeAllConnections();
			await closed;
		}
	};
}

/** A page elsewhere whose name was made to mean this machine must not read what is served here. */
function isThisMachine(host = ''): boolean {
	return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}
