import { boot } from './boot.ts';

boot(
	() =>
		new Worker(new URL('../../workers/run.worker.ts', import.meta.url), {
			type: 'module',
			name: 'joshtree run'
		})
);
