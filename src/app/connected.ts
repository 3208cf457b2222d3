import { wrap } from 'comlink';
import type { CatalogueService } from '../models/webllm/host.ts';
import { boot } from './boot.ts';
import { uploadIn } from './dataset/upload.ts';

// The only entry that knows of the workers that may leave the own origin.
boot(
	() =>
		new Worker(new URL('../../workers/connected-run.worker.ts', import.meta.url), {
			type: 'module',
			name: 'joshtree run'
		}),
	() =>
		wrap<CatalogueService>(
			new Worker(new URL('../../workers/webllm.worker.ts', import.meta.url), {
				type: 'module',
				name: 'joshtree catalogue'
			})
		),
	uploadIn(
		() =>
			new Worker(new URL('../../workers/hub.worker.ts', import.meta.url), {
				type: 'module',
				name: 'joshtree hub'
			})
	)
);
