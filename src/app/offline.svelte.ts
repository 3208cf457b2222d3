/// <reference types="vite-plugin-pwa/client" />
import { registerSW } from 'virtual:pwa-register';

/** How far the service worker is with keeping page, engine and model for work without a network. */
export class Offline {
	status = $state<'unsupported' | 'preparing' | 'ready' | 'failed'>('preparing');
	/**
	 * A newer version of the page: `waiting` until it is told to take over, which it does for all tabs at once; `installed` where
	 * another tab has told it, and this one still is the old page.
	 */
	newer = $state<'waiting' | 'installed'>();
	#takeOver: () => void = () => undefined;
	#isAsked = false;

	constructor() {
		if (!import.meta.env.PROD || !('serviceWorker' in navigator)) {
			this.status = 'unsupported';
			return;
		}
		const update = registerSW({
			immediate: true,
			onOfflineReady: () => (this.status = 'ready'),
			onNeedRefresh: () => (this.newer = 'waiting'),
			// Every tab hears of it. Only the one in which it was asked for reloads: others may be at work.
			onNeedReload: () => (this.#isAsked ? location.reload() : (this.newer = 'installed')),
			onRegisteredSW: (_url, registration) => {
				if (registration?.active) this.status = 'ready';
			},
			onRegisterError: () => (this.status = 'failed')
		});
		this.#takeOver = () => void update();
	}

	/** Goes over to the newer version. Until every tab has, the old ones lack the files that they have not loaded yet. */
	update(): void {
		if (this.newer === 'installed') return location.reload();
		this.#isAsked = true;
		this.#takeOver();
	}
}
