/** `npm run check:models`: see README.md beside this file. */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { readFlags } from '../../../scripts/flags.ts';
import { shippedPack } from '../../../src/cli/evaluate/evaluate-options.ts';
import { integer } from '../../../src/cli/flag-values.ts';
import { readPack } from '../../../src/cli/pack-file.ts';
import { controlTokens } from '../../../src/models/wllama/gguf-tokenizer.ts';
import { readGguf } from '../../../src/models/wllama/gguf.ts';
import type { ScenarioEvent } from '../../../src/store/run-store.ts';
import { fetchModel } from './fetch-model.ts';
import { journey, type Journey } from './journey.ts';
import { leaksIn, type LeakRules } from './leaks.ts';

const usage = `Usage: npm run check:models -- [--model FILE.gguf] [--minutes N]

  --model FILE.gguf  another model than the one that is fetched
  --minutes N        how long the run may take (60)`;

const flags = readFlags(
	process.argv.slice(2),
	{ model: { type: 'string' }, minutes: { type: 'string' } },
	usage
);
const model = flags.model ?? fetchModel(join('out', 'check-models'));
const limit = integer('--minutes', flags.minutes ?? '60', 1, 600) * 60_000;

const { environment } = await readPack(shippedPack);
const rules: LeakRules = {
	tools: environment.tools.map(({ name }) => name),
	controlTokens: controlTokens((await readGguf(await openAsBlob(model))).metadata)
};
const tell = (what: string) => console.error(`check:models: ${what}`);
const result = await journey({ model, scenarios: 3, beam: 2, turns: 4, maxTokens: 64, limit, tell });
const problems = [...result.complaints, ...result.summary.lost, ...problemsIn(result, rules)];
console.log(figures(result));
for (const problem of problems) console.log(`FAILED: ${problem}`);
console.log(problems.length === 0 ? 'all checks passed' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** That both roles spoke in each scenario, and nothing but speech. */
function* problemsIn({ record, events }: Journey, rules: LeakRules): Generator<string> {
	for (const scenario of record.config.scenarios) {
		for (const kind of ['agent', 'user'] as const)
			if (!events.some((one) => one.scenario === scenario && one.event.kind === kind))
				yield `${scenario}: the ${kind} never spoke`;
	}
	for (const { scenario, event } of events) {
		for (const message of event.messages) {
			const isProblem = event.kind === 'agent' && event.outcome === 'raised';
			for (const leak of leaksIn({ message, isProblem }, rules))
				yield `${scenario}, event ${event.n}: ${leak} in "${message.content}"`;
		}
		if (/template|engine|fault/i.test(event.error ?? ''))
			yield `${scenario}, event ${event.n}: ${event.error}`;
	}
}

function figures({ loaded, found, record, events, summary, report }: Journey): string {
	const { agentModel } = record.origin;
	const of = (test: (one: ScenarioEvent) => boolean) => events.filter(test).length;
	const rows: [string, string | number][] = [
		['model', agentModel.name],
		['engine', agentModel.engine],
		['settings', JSON.stringify(agentModel.settings)],
		['the page says', found.replaceAll('\n', ' | ')],
		['loaded in', `${loaded.toFixed(1)} s`],
		['scenarios', summary.scenarios],
		['mean reward', summary.meanReward ?? 'none'],
		["agent's steps", of(({ event }) => event.kind === 'agent')],
		["user's steps", of(({ event }) => event.kind === 'user')],
		[
			'calls made',
			events.reduce((sum, { event }) => sum + (event.kind === 'agent' ? (event.calls?.length ?? 0) : 0), 0)
		],
		[
			'replies that could not be read',
			of(({ event }) => event.kind === 'agent' && event.outcome === 'raised')
		],
		['steps with an error', of(({ event }) => event.error !== undefined)],
		['tokens read', summary.tokens.prompt],
		['tokens written', summary.tokens.completion],
		['tokens written a second', summary.tokensPerSecond.toFixed(1)],
		['seconds', (record.activeMilliseconds / 1000).toFixed(0)],
		['dataset', report.split('\n')[0]!]
	];
	return rows.map(([name, value]) => `${name.padEnd(32)}${value}`).join('\n');
}
