import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mortal = fileURLToPath(new URL('mortal-engine.worker.ts', import.meta.url));

/** Builds the page into a folder, its engines replaced by some that can be killed. */
export async function buildMortalPage(folder: string): Promise<void> {
	await build({
		root,
		configFile: `${root}vite.config.ts`,
		logLevel: 'error',
		mode: 'production',
		plugins: [mortalEngines()],
		worker: { format: 'es', plugins: () => [mortalEngines()] },
		build: { outDir: folder, emptyOutDir: true }
	});
}

function mortalEngines(): Plugin {
	return {
		name: 'mortal engines',
		enforce: 'pre',
		load: (id) =>
			/[\\/]workers[\\/]engine\.worker\.ts(\?|$)/.test(id) ? `import ${JSON.stringify(mortal)};` : undefined
	};
}
