import { svelte } from '@sveltejs/vite-plugin-svelte';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vite';
import { connectedFolder, developmentHeaders, origin, productionHeaders } from './scripts/serving.ts';

export default defineConfig({
	plugins: [
		svelte(),
		VitePWA({
			registerType: 'prompt',
			injectRegister: false,
			manifest: {
				name: 'Joshtree',
				short_name: 'Joshtree',
				description: 'A language model learns to use tools by talking to a simulated user, in this tab.',
				theme_color: '#1d2b25',
				background_color: '#ffffff',
				display: 'standalone',
				icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' }]
			},
			workbox: {
				globPatterns: ['**/*.{html,js,css,svg,wasm,json,gguf}'],
				// Megabytes that only some visitors want: web-llm is kept once it has come, the trained model is there to be compared.
				globIgnores: ['**/web-llm-*.js', 'models/embedded-josh.gguf'],
				runtimeCaching: [{ urlPattern: /\/assets\/web-llm-[^/]+\.js$/, handler: 'CacheFirst' }],
				maximumFileSizeToCacheInBytes: 32 * 2 ** 20
			}
		})
	],
	worker: {
		format: 'es',
		rolldownOptions: {
			output: {
				entryFileNames: ({ name }) =>
					`${/^(webllm|server|hub)\.worker$/.test(name) ? connectedFolder : 'assets/'}[name]-[hash].js`,
				codeSplitting: { groups: [{ name: 'web-llm', test: /node_modules\/@mlc-ai\/web-llm\// }] }
			}
		}
	},
	build: {
		rolldownOptions: { input: ['index.html', 'connected.html'] },
		target: 'esnext',
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 1500
	},
	server: { port: origin.port, strictPort: true, headers: developmentHeaders },
	preview: { port: origin.port, strictPort: true, headers: productionHeaders('') }
});
