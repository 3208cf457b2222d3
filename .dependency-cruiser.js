/** What ESLint cannot see: circles of imports that are closed by a type, and imports by Svelte files. */
export default {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
		{
			name: 'page-runs-no-environment',
			comment: 'Verdicts are in the events: the page draws any run without the code of its environment.',
			severity: 'error',
			from: { path: '^src/(app|store|harvest|dataset)/' },
			to: { path: '^src/environment/(?!arguments|schema)', dependencyTypesNot: ['type-only'] }
		}
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		doNotFollow: { path: 'node_modules' },
		extraExtensionsToScan: ['.svelte']
	}
};
