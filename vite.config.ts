import { svelte } from '@sveltejs/vite-plugin-svelte';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vite';
import { origin, responseHeaders } from './scripts/serving.ts';

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
				// Optional: whoever compares models asks for it.
				globIgnores: ['models/embedded-josh.gguf'],
				maximumFileSizeToCacheInBytes: 32 * 2 ** 20
			}
		})
	],
	worker: { format: 'es' },
	build: { target: 'esnext', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1500 },
	server: { port: origin.port, strictPort: true, headers: responseHeaders.development },
	preview: { port: origin.port, strictPort: true, headers: responseHeaders.production }
});
