import { expose } from 'comlink';
import { version } from '../package.json';
import { browserRunService } from '../src/run/browser-run-service.ts';

expose(
	browserRunService(version, import.meta.env.BASE_URL, {
		wllama: () =>
			new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'joshtree engine' })
	})
);
