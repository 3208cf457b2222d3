import { mount } from 'svelte';
import './app.css';
import './automation-api.ts';
import { parseJson } from '../base/json-read.ts';
import { writeJson } from '../base/json.ts';
import App from './App.svelte';
import type { UploadFolder } from './dataset/upload.ts';
import { runServiceOf } from './connect.ts';
import { showFailure } from './failure.ts';
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
 * Puts the page together, or says why it cannot.
 * @param createWorker makes the worker that conducts runs; which workers that starts decides what the page may reach
 * @param openCatalogue web-llm's list; the page that reaches nothing but its own origin has none
 * @param uploadFolder to the Hub; only where `openCatalogue` is
 */
export function boot(
	createWorker: () => Worker,
	openCatalogue?: OpenCatalogue,
	uploadFolder?: UploadFolder
): void {
	const target = document.querySelector('#app')!;
	try {
		applyTheme(storedTheme());
		const notices = new Notices();
		const service = runServiceOf(createWorker(), (reason) =>
			notices.add({
				tone: 'error',
				text: `Something failed in the worker that conducts runs: ${reason}. What was stored is safe.`,
				action: { label: 'Reload the page', run: () => location.reload() }
			})
		);
		tellOfErrors(notices);
		const kept = new PrivateFileModels();
		const session = new Session(service, notices);
		const storage = new StorageStatus();
		void storage.refresh();

		const ready = session.ready.then(() => undefined);
		// The page reports a failure by itself; a caller of the automation API gets it too.
		ready.catch(() => undefined);

		globalThis.joshtree = {
			ready,
			service,
			kept,
			json: { write: writeJson, parse: parseJson }
		};
		const props = {
			session,
			shelf: new ModelShelf(kept, openCatalogue),
			loading: new ModelLoading(service.models),
			keys: new ServerKeys(service.models),
			offline: new Offline(),
			storage,
			uploadFolder
		};
		target.replaceChildren();
		mount(App, { target, props });
	} catch (error) {
		showFailure(target, error);
		throw error;
	}
}

/** What nobody caught. */
function tellOfErrors(notices: Notices): void {
	const tell = (error: unknown) => {
		// Browsers use error events for remarks, too, such as on a resize observer's loop; those carry no error.
		if (error instanceof Error && error.name !== 'AbortError')
			notices.fail('Something failed in the page', error);
	};
	addEventListener('error', ({ error }) => tell(error));
	addEventListener('unhandledrejection', ({ reason }) => tell(reason));
}
