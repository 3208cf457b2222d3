/** The floors of the house, lowest first. Each may import those below it, never one above or beside it. */
export const floors = [
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
export const floorZones = [
	...floors.flatMap((rooms, floor) =>
		rooms.map((room) => {
			const forbidden = floors
				.flatMap((others, height) => (height >= floor ? others : []))
				.filter((other) => other !== room);
			return {
				target: `./src/${room}`,
				from: [...forbidden.map((other) => `./src/${other}`), ...(room === 'app' ? [] : ['./workers'])],
				message: `src/${room} may import only from floors below it (see docs/architecture.md).`
			};
		})
	),
	{
		target: './src',
		from: ['./tests', './bench', './model'],
		except: [],
		message: 'Nothing in src imports tests, benches or the model workshop.'
	}
];
