/// <reference types="vite-plugin-pwa/client" />
import { registerSW } from 'virtual:pwa-register';

/** How far the service worker is with keeping page, engine and model for work without a network. */
export class Offline {
	status = $state<'unsupported' | 'preparing' | 'ready' | 'failed'>('preparing');
	/** Set when a newer version waits; calling it reloads the page. */
	update = $state.raw<() => void>();

	constructor() {
		if (!import.meta.env.PROD || !('serviceWorker' in navigator)) {
			this.status = 'unsupported';
			return;
		}
		const update = registerSW({
			immediate: true,
			onOfflineReady: () => (this.status = 'ready'),
			onNeedRefresh: () => (this.update = () => void update(true)),
			onRegisteredSW: (_url, registration) => {
				if (registration?.active) this.status = 'ready';
			},
			onRegisterError: () => (this.status = 'failed')
		});
	}
}
