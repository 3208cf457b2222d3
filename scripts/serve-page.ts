import { createReadStream, statSync } from 'node:fs';
import { preview } from 'vite';
import { origin, productionHeaders } from './serving.ts';

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
 * @param files what is served besides, by path below the root: `files/base.gguf` → a file of this machine
 * @throws {PortInUseError}
 */
export async function servePage(
	folder: string,
	port: number,
	files: ReadonlyMap<string, string> = new Map()
): Promise<ServedPage> {
	const server = await preview({
		configFile: false,
		appType: 'mpa',
		logLevel: 'silent',
		build: { outDir: folder },
		preview: { host: origin.host, port, strictPort: true, cors: false },
		plugins: [
			{
				name: 'headers on every response',
				// Vite's own `preview.headers` are left out of 404s and of the index.
				configurePreviewServer({ middlewares }) {
					middlewares.use((request, response, next) => {
						const path = new URL(request.url ?? '', origin.url).pathname.slice(1);
						for (const [name, value] of Object.entries(productionHeaders(path)))
							response.setHeader(name, value);
						const file = files.get(path);
						if (file === undefined) return next();
						response.setHeader('Content-Length', statSync(file).size);
						createReadStream(file).pipe(response);
					});
				}
			}
		]
	}).catch((error: unknown) => {
		if (error instanceof Error && /port \d+ is already in use/i.test(error.message)) {
			throw new PortInUseError(`port ${port} of ${origin.host} is in use`, { cause: error });
		}
		throw error;
	});
	const address = server.httpServer.address();
	if (address === null || typeof address === 'string') throw new Error('the server has no port');
	return { url: `http://${origin.host}:${address.port}`, close: () => server.close() };
}
