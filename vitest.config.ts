import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './scripts/chromium.ts';
import { developmentHeaders } from './scripts/serving.ts';

const executablePath = findChromium();

export default defineConfig({
	plugins: [svelte()],
	worker: { format: 'es' },
	// What commands write there may be large: an environment of Python has more files than a system lets one watch.
	server: { headers: developmentHeaders, watch: { ignored: ['**/out/**', '**/.venv/**'] } },
	optimizeDeps: {
		include: [
			'@huggingface/jinja',
			'@huggingface/tokenizers',
			'@wllama/wllama',
			'@huggingface/hub',
			'comlink',
			'fflate',
			'idb',
			'valibot',
			'@cfworker/json-schema'
		]
	},
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'node',
					testTimeout: 30_000,
					environment: 'node',
					// One process for all: starting one for each file took as long as a third of the tests.
					isolate: false,
					include: ['tests/**/*.test.ts'],
					exclude: ['tests/**/*.browser.test.ts', 'tests/e2e/**']
				}
			},
			{
				extends: true,
				test: {
					name: 'browser',
					include: ['tests/**/*.browser.test.ts'],
					testTimeout: 60_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({
							launchOptions: { args: chromiumArgs, ...(executablePath ? { executablePath } : {}) }
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			},
			{
				extends: true,
				test: {
					name: 'e2e',
					environment: 'node',
					include: ['tests/e2e/**/*.test.ts'],
					globalSetup: ['tests/e2e/support/build.ts', 'tests/e2e/support/temporary-files.ts'],
					isolate: false,
					restoreMocks: true,
					testTimeout: 180_000,
					hookTimeout: 180_000,
					// Commands and browsers wait a good part of their time, so two at once are faster on two cores, too.
					maxWorkers: 2,
					sequence: { groupOrder: 1 }
				}
			}
		]
	}
});
