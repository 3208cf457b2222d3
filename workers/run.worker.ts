import { expose } from 'comlink';
import { version } from '../package.json';
import { embeddedModel } from '../src/models/embedded.ts';
import { RemoteModel } from '../src/models/remote-model.ts';
import { BrowserTabs } from '../src/run/browser-tabs.ts';
import { downloadText } from '../src/run/download-text.ts';
import { LocalRunService } from '../src/run/local-run-service.ts';
import { IndexedDbStore } from '../src/store/indexeddb-store.ts';

/** The app's own address; the worker's script lies in a folder below it. */
const app = new URL(import.meta.env.BASE_URL, self.location.origin);

const createEngine = () =>
	new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'joshtree engine' });

expose(
	new LocalRunService({
		store: new IndexedDbStore(),
		fetchPack: () => downloadText(new URL('packs/travel.json', app)),
		spawn: () => RemoteModel.start(createEngine, embeddedModel(app)),
		tabs: new BrowserTabs(),
		version
	})
);
