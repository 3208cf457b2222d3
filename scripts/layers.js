/** The layers of `src`, lowest first. Each may import those below it, never one above it or on its own level. */
export const layers = [
	['base'],
	['dialogue'],
	['environment', 'models'],
	['talk'],
	['search'],
	['evaluation'],
	['harvest'],
	['dataset'],
	['store'],
	['run'],
	['app', 'cli']
];

/** Zones for the lint rule `import-x/no-restricted-paths`. */
export const layerZones = [
	...layers.flatMap((folders, level) =>
		folders.map((folder) => {
			const forbidden = layers
				.flatMap((others, height) => (height >= level ? others : []))
				.filter((other) => other !== folder);
			return {
				target: `./src/${folder}`,
				from: [...forbidden.map((other) => `./src/${other}`), ...(folder === 'app' ? [] : ['./workers'])],
				message: `src/${folder} may import only from layers below it (see docs/architecture.md).`
			};
		})
	),
	{
		target: './src',
		from: ['./tests', './bench', './model'],
		except: [],
		message: 'Nothing in src imports tests, benches or the `model` folder.'
	}
];
