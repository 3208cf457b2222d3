import type { Benchmark, Figure } from './benchmark.ts';
import { measureDispatch } from './dispatch.ts';
import { pageGrowth, type PageGrowth } from './growth-page.ts';
import { scenarioCost, turnCost, type SearchSize } from './growth-search.ts';

/**
 * Sizes of searches beside the usual one, and how many times its cost an agent turn of them may have. They are many times as large, so what is
 * well below that does not grow in proportion.
 */
const sizes: readonly { readonly name: string; readonly size: SearchSize; readonly limit: number }[] = [
	{ name: 'beam 64 instead of 8', size: { beam: 64 }, limit: 3 },
	{ name: '200 tools instead of one', size: { tools: 200 }, limit: 2 },
	{ name: 'a state of 20 MB instead of 1.3', size: { orders: 75_000 }, limit: 2 }
];

/** Transcripts: about `steps` times (2 times `words` and 60) tokens. */
const transcripts = [
	{ tokens: 4_000, size: { steps: 15, words: 100 } },
	{ tokens: 16_000, size: { steps: 60, words: 100 } },
	{ tokens: 64_000, size: { steps: 120, words: 240 } }
] as const;

/** Milliseconds and megabytes that the page may take, by the scenarios of a run. */
const pageLimits = new Map([
	[1_000, { opening: 2_000, memory: 60, longTask: 50, answer: 1_000, golden: 100 }],
	[10_000, { opening: 4_000, memory: undefined, longTask: undefined, answer: 1_000, golden: 100 }]
]);
/** Megabytes that writing the dataset of the largest run may take beyond what was there before. */
const datasetLimit = 300;

/** How costs grow with scenarios, waiting requests and the length of what is said. */
export const growthBenchmark: Benchmark = {
	name: 'growth',
	async run(options) {
		const { quick, say } = options;
		const figures: Figure[] = [];
		const notes: string[] = [];

		const [few, many] = quick ? [40, 400] : [400, 4_000];
		say(`runs of ${few} and ${many} scenarios`);
		// The first run warms up.
		await scenarioCost(50);
		const costOfFew = await scenarioCost(few);
		const costOfMany = await scenarioCost(many);
		figures.push(
			{ name: `a scenario of ${few}`, value: costOfFew, unit: 'ms of processor time' },
			{ name: `a scenario of ${many}`, value: costOfMany, unit: 'ms of processor time' },
			{ name: '  over the one before', value: costOfMany / costOfFew, unit: '', target: { atMost: 1.3 } }
		);

		say('searches of other sizes');
		const usual = await turnCost({});
		figures.push({ name: 'an agent turn', value: 1000 * usual, unit: 'µs of processor time' });
		for (const { name, size, limit } of sizes)
			figures.push({
				name: `  times that with ${name}`,
				value: (await turnCost(size)) / usual,
				unit: '',
				target: { atMost: limit }
			});
		const [shortest] = transcripts;
		const short = await turnCost(shortest.size);
		for (const { tokens, size } of transcripts) {
			const cost = tokens === shortest.tokens ? short : await turnCost(size);
			figures.push({
				name: `an agent turn with ${tokens / 1000}k tokens`,
				value: 1000 * cost,
				unit: 'µs of processor time'
			});
			// What is written down is as long as what was said: no better can be asked for.
			if (tokens > shortest.tokens)
				figures.push({
					name: `  over that with ${shortest.tokens / 1000}k`,
					value: cost / short,
					unit: '',
					target: { atMost: tokens / shortest.tokens }
				});
		}

		const dispatch = await measureDispatch(options);
		figures.push(...dispatch.figures);
		notes.push(...(dispatch.notes ?? []));

		for (const scenarios of quick ? [100] : [...pageLimits.keys()]) {
			const isLargest = quick || scenarios === Math.max(...pageLimits.keys());
			const growth = await pageGrowth(scenarios, isLargest, say);
			figures.push(...pageFigures(growth));
			notes.push(
				`the run of ${scenarios} scenarios has ${growth.events} events; "expensive north" finds ${growth.found} of them`
			);
		}
		notes.push('memory is that of the renderers with their workers, at its most, over that before');
		return { figures, notes };
	}
};

function pageFigures({ scenarios, dataset, ...growth }: PageGrowth): Figure[] {
	const limits = pageLimits.get(scenarios);
	const atMost = (value: number | undefined) => (value === undefined ? {} : { target: { atMost: value } });
	return [
		{
			name: `${scenarios} scenarios: opened without summaries, once`,
			value: growth.firstOpening / 1000,
			unit: 's'
		},
		{ name: '  opened', value: growth.opening, unit: 'ms', ...atMost(limits?.opening) },
		{
			name: '  memory for that',
			value: growth.openingMemory / 1e6,
			unit: 'MB',
			...atMost(limits?.memory)
		},
		{
			name: '  longest task of the main thread (0: none above 50 ms)',
			value: Math.max(0, ...growth.longTasks),
			unit: 'ms',
			...atMost(limits?.longTask)
		},
		{ name: '  filtered', value: growth.filter, unit: 'ms', ...atMost(limits?.answer) },
		{ name: '  searched, as typed', value: growth.search, unit: 'ms', ...atMost(limits?.answer) },
		{ name: '  a golden conversation', value: growth.golden, unit: 'ms', ...atMost(limits?.golden) },
		...(dataset
			? [
					{ name: '  its plain files written', value: dataset.time / 1000, unit: 's' },
					{ name: '    rows', value: dataset.rows, unit: '' },
					{
						name: '    memory for that',
						value: dataset.memory / 1e6,
						unit: 'MB',
						target: { atMost: datasetLimit }
					}
				]
			: [])
	];
}
