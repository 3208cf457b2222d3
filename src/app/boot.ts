import { mount } from 'svelte';
import './app.css';
import './door.ts';
import { parseJson } from '../base/json-read.ts';
import { writeJson } from '../base/json.ts';
import App from './App.svelte';
import type { UploadFolder } from './dataset/upload.ts';
import { evaluationService, runServiceOf } from './connect.ts';
import { PrivateFileModels } from '../models/wllama/private-file-models.ts';
import { ModelLoading } from './models/loading.svelte.ts';
import { ServerKeys } from './models/server-keys.ts';
import { ModelShelf, type OpenCatalogue } from './models/shelf.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Offline } from './offline.svelte.ts';
import { Session } from './session.svelte.ts';
import { StorageStatus } from './storage.svelte.ts';
import { applyTheme, storedTheme } from './theme.ts';

/**
 * Puts the page together.
 * @param createRunWorker makes the worker that conducts runs
 * @param openCatalogue web-llm's list; the page that reaches nothing but its own origin has none
 * @param uploadFolder to the Hub; only where `openCatalogue` is
 */
export function boot(
	createRunWorker: () => Worker,
	openCatalogue?: OpenCatalogue,
	uploadFolder?: UploadFolder
): void {
	applyTheme(storedTheme());

	const notices = new Notices();
	let crash: (error: Error) => void;
	const crashed = new Promise<never>((_resolve, reject) => (crash = reject));
	const service = runServiceOf(createRunWorker(), (reason) => {
		const text = `The worker that conducts runs stopped: ${reason}. What was stored is safe.`;
		crash(new Error(text));
		notices.add({ tone: 'error', text, action: { label: 'Reload the page', run: () => location.reload() } });
	});
	const session = new Session(service, notices);
	const storage = new StorageStatus();
	void storage.refresh();

	const ready = Promise.race([session.ready, crashed]).then(() => undefined);
	// The page tells of a failure by itself; whoever waits at the door hears of it too.
	ready.catch(() => undefined);

	globalThis.joshtree = {
		ready,
		service,
		evaluation: evaluationService,
		json: { write: writeJson, parse: parseJson }
	};
	mount(App, {
		target: document.querySelector('#app')!,
		props: {
			session,
			shelf: new ModelShelf(new PrivateFileModels(), openCatalogue),
			loading: new ModelLoading(service),
			keys: new ServerKeys(service),
			offline: new Offline(),
			storage,
			uploadFolder
		}
	});
}
