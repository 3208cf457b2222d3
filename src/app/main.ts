import { boot } from './boot.ts';

boot({
	run: () =>
		new Worker(new URL('../../workers/run.worker.ts', import.meta.url), {
			type: 'module',
			name: 'joshtree run'
		}),
	evaluation: () =>
		new Worker(new URL('../../workers/evaluation.worker.ts', import.meta.url), {
			type: 'module',
			name: 'joshtree evaluation'
		})
});
