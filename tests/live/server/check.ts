/** `npm run check:server`: see README.md beside this file. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFlags } from '../../../scripts/flags.ts';
import { shippedModel, shippedPack } from '../../../src/cli/evaluate/evaluate-options.ts';
import { oneOf } from '../../../src/cli/flag-values.ts';
import harvestServers from '../../../src/cli/harvest/harvest-servers.ts';
import merge from '../../../src/cli/merge/merge.ts';
import { readPack } from '../../../src/cli/pack-file.ts';
import type { GenerateRequest } from '../../../src/models/language-model.ts';
import { ServerModel } from '../../../src/models/server/server-model.ts';
import { compactSettings } from '../../../src/models/server/settings.ts';
import { engines, pythonWith, startServer, type EngineName, type RealServer } from './engines.ts';

const usage = `Usage: npm run check:server -- [--engine E] [--python FILE]

  --engine E     ${Object.keys(engines).join(' or ')} (xllamacpp)
  --python FILE  a Python that has it; otherwise one is made in out/check-server`;

const { python, engine } = readFlags(
	process.argv.slice(2),
	{ engine: { type: 'string' }, python: { type: 'string' } },
	usage
);
const name = oneOf('--engine', engine ?? 'xllamacpp', Object.keys(engines)) as EngineName;
const server = await startServer(name, python ?? pythonWith(name, join('out', 'check-server')), shippedModel);
try {
	await checkModel(server);
	await checkHarvest(server);
	console.log(`${name}: all checks passed`);
} finally {
	server.process.kill();
}

/** What is asked of a model, against what the server really does. */
async function checkModel({ address, model }: RealServer): Promise<void> {
	const { environment } = await readPack(shippedPack);
	const { tools, prompts } = environment;
	const request = (content: string): GenerateRequest => ({
		messages: [
			{ role: 'system', content: prompts.agent },
			{ role: 'user', content }
		],
		tools,
		sampling: { temperature: 0, topP: 1, topK: 0, minP: 0, maxTokens: 100 },
		seed: 5
	});
	const limits = { tries: 4, firstPause: 10 };
	const loaded = await ServerModel.load({ address, model, settings: compactSettings, limits });
	console.log(JSON.stringify(loaded.identity));

	const wish = request('I want a cheap hotel in the west with 4 stars.');
	let pieces = 0;
	const whole = await loaded.generate(wish);
	const streamed = await loaded.generate(wish, { onText: () => pieces++ });
	const [call] = whole.message.tool_calls ?? [];
	assert.equal(call?.function.name, 'search_hotel', whole.text);
	assert.deepEqual(streamed.message, whole.message);
	assert(pieces > 1, 'the reply was streamed');
	assert(whole.usage.promptTokens > 0 && whole.usage.completionTokens > 0);
	console.log(`a call, whole and streamed: ${JSON.stringify(call.function)}`);

	for (const options of [{}, { onText: () => undefined }]) {
		await assert.rejects(loaded.generate(request('word '.repeat(3000)), options), {
			name: 'ContextOverflowError'
		});
	}
	await assert.rejects(ServerModel.load({ address, model: 'nonsense', limits }), { name: 'ModelLoadError' });
	console.log('a prompt that is too long, and an unknown model, are told apart');
}

/** Two shards, joined. */
async function checkHarvest({ address, model }: RealServer): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'joshtree-live-'));
	const flags = [
		...['--server', address, '--model', model, '--tools', 'compact', '--max-tokens', '120'],
		...['--context-tokens', '2048', '--scenarios', '2', '--beam', '2', '--concurrency', '2']
	];
	const shards = [1, 2].map((number) => join(folder, `shard-${number}`));
	for (const [index, out] of shards.entries()) {
		assert.equal(await harvestServers([...flags, '--shard', `${index + 1}/2`, '--out', out]), 0);
	}
	const out = join(folder, 'joined');
	assert.equal(await merge(['--out', out, ...shards]), 0);
	const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
		counts: { scenarios: number };
		origin: { agentModel: { reproducible: boolean } };
	};
	assert.equal(manifest.counts.scenarios, 2);
	assert.equal(manifest.origin.agentModel.reproducible, false);
}
