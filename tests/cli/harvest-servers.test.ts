import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import runDemo from '../../src/cli/demo/demo.ts';
import evaluate from '../../src/cli/evaluate/evaluate.ts';
import harvestServers from '../../src/cli/harvest/harvest-servers.ts';
import merge from '../../src/cli/merge/merge.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import type { Rating } from '../../src/dataset/curation/curation.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { startCommand, storedLines } from '../e2e/support/command.ts';
import { FakeServer, type AskedBody, type Said } from '../models/server/fake-server.ts';
import { answer, packText } from '../run/desk-run.ts';

const datasets = ['sft.jsonl', 'kto.jsonl', 'dpo.jsonl', 'events.jsonl'];
const key = 'sk-very-secret';

let folder: string;
let server: FakeServer;
let flags: string[];
let whole: string;
/** What the command in this process printed. */
let printed: string;

/** Says what the desk's model says: a server whose replies follow from the request, as real ones' do not. */
function reply({ messages, tools = [], seed }: AskedBody): Said {
	const { message, usage } = answer({ messages, tools, seed });
	const calls = message.tool_calls?.map(({ id, function: made }) => ({
		id,
		name: made.name,
		arguments: JSON.stringify(made.arguments)
	}));
	return {
		content: message.content,
		...(calls && { tool_calls: calls }),
		usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens }
	};
}

const slowly = async (body: AskedBody) => {
	await new Promise((resolve) => setTimeout(resolve, 30));
	return reply(body);
};

function settings(port: number): string[] {
	const at = ['--server', `http://127.0.0.1:${port}`, '--model', 'fake', '--pack', join(folder, 'pack.json')];
	return [...at, '--scenarios', '4', '--beam', '2', '--seed', '4', '--concurrency', '4'];
}

function listen() {
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((printed += String(text))));
	for (const method of ['log', 'error', 'warn'] as const)
		vi.spyOn(console, method).mockImplementation((text) => void (printed += `${String(text)}\n`));
}

function filesOf(path: string): Record<string, string> {
	return Object.fromEntries(datasets.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

function manifestOf(path: string): {
	run?: unknown;
	origin: { agentModel: object; details: object };
	warnings?: Record<string, number>;
} {
	return JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
}

/** All that is written below a folder. */
function everything(path: string): string {
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
		.join('\n');
}

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'joshtree-servers-'));
	writeFileSync(join(folder, 'pack.json'), packText);
	server = await FakeServer.listen({ reply });
	flags = settings(server.port);
	whole = join(folder, 'whole');
	printed = '';
	vi.stubEnv('HARVEST_TEST_KEY', key);
	listen();
	expect(await harvestServers([...flags, '--key-env', 'HARVEST_TEST_KEY', '--out', whole]), printed).toBe(0);
});

beforeEach(() => {
	printed = '';
	listen();
});

afterEach(() => void vi.restoreAllMocks());

afterAll(async () => {
	vi.unstubAllEnvs();
	await server.close();
	await rm(folder, { recursive: true, force: true });
});

describe('a harvest on a server', () => {
	test('writes datasets, and a manifest that says what is not reproducible', () => {
		expect(filesOf(whole)['kto.jsonl']).not.toBe('');
		expect(manifestOf(whole)).toMatchObject({
			counts: { scenarios: 4, unfinished: 0 },
			origin: {
				agentModel: { name: 'fake', engine: 'openai-compatible', reproducible: false },
				userModel: { name: 'fake', reproducible: false },
				details: { servers: { agent: [server.origin], user: [server.origin] } }
			}
		});
	});

	test('of more scenarios than there are takes all, says so and counts it', async () => {
		const out = join(folder, 'all there are');
		expect(await harvestServers([...flags, '--scenarios', '5000', '--out', out]), printed).toBe(0);
		expect(printed).toContain('5,000 scenarios were asked for; only 5 are available, and all are used.');
		expect(printed).toMatch(/scenarios asked for +5,000/);
		expect(JSON.parse(printed.trimEnd().split('\n').at(-1)!)).toMatchObject({
			scenarios: 5,
			scenariosAsked: 5000
		});
		expect(manifestOf(out)).toMatchObject({ counts: { scenarios: 5 }, config: { scenariosAsked: 5000 } });
	});

	test('sends and records a large number in --body digit for digit, and goes on with it', async () => {
		const out = join(folder, 'large number');
		const more = ['--scenarios', '1', '--body', '{"trace": 2512292042121000001}', '--out', out];
		expect(await harvestServers([...flags, ...more]), printed).toBe(0);
		expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toContain('"trace": 2512292042121000001');
		expect(await harvestServers([...flags, ...more]), printed).toBe(0);
	});

	test('of a split without scenarios is refused', async () => {
		const empty = harvestServers([...flags, '--split', 'val', '--out', join(folder, 'empty')]);
		await expect(empty).rejects.toThrow('The val split of "desk" has no scenarios. Choose another split.');
	});

	test('sends the key, and writes it nowhere', () => {
		expect(server.asked[0]!.headers.authorization).toBe(`Bearer ${key}`);
		expect(everything(whole)).not.toContain(key);
	});

	test('never streams: nobody looks on', () => {
		expect(server.completions.some(({ stream }) => stream)).toBe(false);
	});

	test('is what a demo and a harvest of URL#NAME are, and an evaluation asks the same server', async () => {
		const spec = `${server.origin}/v1#fake`;
		const few = ['--agent-model', spec, '--scenarios', '1', '--beam', '1', '--key-env', 'HARVEST_TEST_KEY'];
		const demo = join(folder, 'demo');
		expect(await runDemo([...few, '--out', demo]), printed).toBe(0);
		expect(manifestOf(demo)).toMatchObject({
			counts: { scenarios: 1 },
			origin: { agentModel: { engine: 'openai-compatible' }, details: { servers: { user: [server.origin] } } }
		});

		const same = join(folder, 'same');
		const named = ['--agent-model', spec, '--key-env', 'HARVEST_TEST_KEY', ...flags.slice(4)];
		expect(await harvestServers([...named, '--out', same]), printed).toBe(0);
		expect(filesOf(same)).toEqual(filesOf(whole));

		const report = join(folder, 'report.json');
		const kept = ['--keep', join(folder, 'kept'), '--json', report, '--pack', join(folder, 'pack.json')];
		const models = ['--agent-model', spec, '--user-model', spec, '--key-env', 'HARVEST_TEST_KEY'];
		const asked = server.completions.length;
		expect(await evaluate([...models, ...kept, '--split', 'train']), printed).toBe(0);
		expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ scenarios: 5, faults: [] });
		expect(server.completions.length).toBeGreaterThan(asked);
		expect(server.asked.at(-1)!.headers.authorization).toBe(`Bearer ${key}`);
		expect(everything(folder)).not.toContain(key);
	});

	test('of two models asks each for its own part', async () => {
		const other = await FakeServer.listen({ reply });
		const before = server.completions.length;
		const user = ['--user-server', other.origin, '--user-model', 'fake', '--key-env', 'HARVEST_TEST_KEY'];
		expect(await harvestServers([...flags, ...user, '--out', join(folder, 'two')]), printed).toBe(0);
		expect(server.completions.slice(before).every(({ tools }) => tools)).toBe(true);
		expect(other.completions.some(({ tools }) => tools)).toBe(false);
		// A key is for the server that it was given for.
		expect(other.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
		await other.close();
	});

	test('with other settings leaves the folder as it is', async () => {
		const before = everything(whole);
		await expect(harvestServers([...flags, '--beam', '3', '--out', whole])).rejects.toThrow(
			'--beam: 2 there, 3 here'
		);
		await expect(harvestServers([...flags, '--shard', '1/2', '--out', whole])).rejects.toThrow(
			/--shard: none there, 1\/2 here/
		);
		const told = [...flags, '--tools', 'hermes', '--out', whole];
		expect(await harvestServers(told)).toBe(0); // It is finished: nothing is asked of anyone.
		expect(everything(whole)).toBe(before);
	});

	test('stops when the server goes away, and goes on when it is back', async () => {
		const out = join(folder, 'gone');
		const weak = await FakeServer.listen({ reply: slowly });
		const { port } = weak;
		const run = harvestServers([...settings(port), '--tries', '2', '--out', out]);
		await expect.poll(() => storedLines(out), { timeout: 10_000 }).toMatch(/(\n.*){3}/);
		await weak.close();
		// Four requests at once, with two branches a scenario.
		expect(weak.most).toBe(4);
		expect(await run).toBe(1);
		expect(printed).toMatch(/The run stopped: .*ECONNREFUSED[^]*steps so far are kept[^]*npm run harvest/);
		const back = await FakeServer.listen({ reply }, port);
		expect(await harvestServers([...settings(port), '--out', out]), printed).toBe(0);
		expect(filesOf(out)).toEqual(filesOf(whole));
		await back.close();
	});

	test('stops at the first refusal that all requests would get, and goes on once the server takes them', async () => {
		const out = join(folder, 'refused');
		const noTools = await FakeServer.listen({
			reply: (body) =>
				body.tools ? { status: 400, json: { error: { message: 'no tools here' } } } : reply(body)
		});
		const { port } = noTools;
		const args = [...settings(port), '--out', out];
		expect(await harvestServers(args)).toBe(1);
		expect(printed).toMatch(/The run stopped: .*refused the request \(400\): no tools here\./);
		await noTools.close();
		// What the user simulator said is kept; nothing failed in the middle of it.
		expect(await storedLines(out)).not.toMatch(/"error"/);
		const back = await FakeServer.listen({ reply }, port);
		expect(await harvestServers(args), printed).toBe(0);
		expect(filesOf(out)).toEqual(filesOf(whole));
		await back.close();
	});

	test('that is interrupted, and then killed, goes on to the same bytes', async () => {
		const out = join(folder, 'killed');
		const slow = await FakeServer.listen({ reply: slowly });
		const args = [...settings(slow.port), '--out', out];
		const interrupted = startCommand('harvest', args);
		await interrupted.printed(/ [1-9]\d* steps/);
		interrupted.process.kill('SIGINT');
		const { code, stderr } = await interrupted.result;
		expect(code, stderr).toBe(130);
		expect(stderr).toContain('The same command continues it: npm run harvest -- --server');

		const before = (await storedLines(out)).length;
		const killed = startCommand('harvest', args);
		await expect
			.poll(async () => (await storedLines(out)).length, { timeout: 20_000 })
			.toBeGreaterThan(before);
		killed.process.kill('SIGKILL');
		await killed.result;
		expect(readdirSync(out)).not.toContain('kto.jsonl');

		expect(await harvestServers(args), printed).toBe(0);
		expect(printed).toMatch(/continued from [1-9]\d* steps/);
		expect(filesOf(out)).toEqual(filesOf(whole));
		await slow.close();
	}, 60_000);

	test('is told what to do about a server that is not there or has no such model', async () => {
		const other = [...flags, '--model', 'other', '--out', join(folder, 'no model')];
		await expect(harvestServers(other)).rejects.toThrow('has no model "other". It has: fake.');
		const nobody = [...settings(9), '--tries', '1', '--out', join(folder, 'nobody')];
		await expect(harvestServers(nobody)).rejects.toThrow('127.0.0.1:9 failed');
	});

	test('says that text leaves the machine, and where to', async () => {
		const away = [
			'--server',
			'http://server.invalid',
			'--model',
			'x',
			'--tries',
			'1',
			'--out',
			join(folder, 'away')
		];
		await expect(harvestServers(away)).rejects.toThrow();
		expect(printed).toMatch(/Text leaves this machine.*http:\/\/server\.invalid/);
		printed = '';
		await harvestServers([...flags, '--out', whole]);
		expect(printed).not.toContain('leaves');
	});
});

describe('shards', () => {
	const shard = (number: number, of = 3) => join(folder, `shard ${number} of ${of}`);
	const harvestShard = (number: number, of = 3, ...more: string[]) =>
		harvestServers([...flags, '--shard', `${number}/${of}`, '--out', shard(number, of), ...more]);

	beforeAll(async () => {
		printed = '';
		listen();
		for (const number of [1, 2, 3]) expect(await harvestShard(number), printed).toBe(0);
	});

	test('joined are what one run would have been, byte for byte', async () => {
		const out = join(folder, 'joined');
		// In any order.
		expect(await merge(['--out', out, shard(2), shard(3), shard(1)]), printed).toBe(0);
		expect(filesOf(out)).toEqual(filesOf(whole));
		const [joined, single] = [manifestOf(out), manifestOf(whole)];
		expect({ ...joined, run: undefined }).toEqual({ ...single, run: undefined });
		// The joined run is one like any other.
		await expect(harvestServers([...flags, '--out', out])).resolves.toBe(0);
	});

	test('keep what a person said of their conversations', async () => {
		const out = join(folder, 'joined with ratings');
		const stores = [1, 2, 3].map((number) => new FolderStore(new NodeFiles(shard(number))));
		const rate = async (...ratings: (Rating | undefined)[]) => {
			const rated: Record<string, Rating> = {};
			for (const [index, rating] of ratings.entries()) {
				const [record] = (await stores[index]!.list()).runs;
				const [scenario] = record!.config.scenarios;
				if (rating) rated[scenario!] = rating;
				await stores[index]!.update(record!.id, { ratings: rating ? { [scenario!]: rating } : {} });
			}
			return rated;
		};
		const rated = await rate('bad', undefined, 'good');
		expect(await merge(['--out', out, shard(1), shard(2), shard(3)]), printed).toBe(0);
		const [joined] = (await new FolderStore(new NodeFiles(out)).list()).runs;
		expect(joined!.ratings).toEqual(rated);
		await rate(undefined, undefined, undefined);
	});

	test('say in their manifests what a server did not take or sent amiss, and so does what they are joined to', async () => {
		const wary = await FakeServer.listen({
			reply: (body) =>
				'seed' in body
					? { status: 400, json: { error: { message: "property 'seed' is unsupported" } } }
					: {
							...reply({ ...(body as AskedBody), seed: 1 }),
							usage: { prompt_tokens: -3, completion_tokens: 4.5 }
						}
		});
		const paths = [1, 2].map((number) => join(folder, `wary ${number}`));
		const replies: number[] = [];
		for (const [index, out] of paths.entries()) {
			const args = [...settings(wary.port), '--shard', `${index + 1}/2`, '--out', out];
			expect(await harvestServers(args), printed).toBe(0);
			const { warnings } = manifestOf(out);
			const [noSeed, noCounts] = Object.keys(warnings!);
			expect(noSeed).toBe(`seed was not taken by ${wary.origin} and was left out`);
			expect(noCounts).toMatch(/sent token counts that cannot be right/);
			expect(printed).toContain(`Warning: ${noSeed}.`);
			replies.push(warnings![noSeed!]!);
			// What was stored of it can be read again.
			expect(await harvestServers(args), printed).toBe(0);
		}
		const out = join(folder, 'wary, joined');
		expect(await merge(['--out', out, ...paths]), printed).toBe(0);
		expect(Object.values(manifestOf(out).warnings!)).toEqual(Array(2).fill(replies[0]! + replies[1]!));
		await wary.close();
	});

	test('that are missing, doubled or of another run are named, and nothing is written', async () => {
		const out = join(folder, 'not joined');
		const refused = (...paths: string[]) => expect(merge(['--out', out, ...paths])).rejects;
		await refused(shard(1), shard(3)).toThrow('missing: shard 2/3');
		await refused(shard(1), shard(1), shard(2), shard(3)).toThrow('are both shard 1 of 3');
		await refused(whole, shard(1)).toThrow('not a shard');
		await refused(join(folder, 'nowhere')).toThrow('is not a folder');
		const other = join(folder, 'other seed');
		await harvestServers([...flags, '--seed', '5', '--shard', '2/3', '--out', other]);
		await refused(shard(1), other, shard(3)).toThrow(`${other}: --seed: 4 in ${shard(1)}, 5 here`);
		const [fewer, more] = [join(folder, 'fewer'), join(folder, 'more')];
		await harvestServers([...flags, '--scenarios', '3', '--shard', '1/3', '--out', fewer]);
		await harvestServers([...flags, '--scenarios', '5', '--shard', '2/3', '--out', more]);
		await refused(fewer, more, shard(3)).toThrow('do not make one run');
		expect(readdirSync(folder)).not.toContain('not joined');
	});

	test('with other models, or not finished, are named', async () => {
		const out = join(folder, 'not joined either');
		const other = join(folder, 'other tools');
		await harvestServers([...flags, '--greeting', 'Yes?', '--shard', '2/3', '--out', other]);
		await expect(merge(['--out', out, shard(1), other, shard(3)])).rejects.toThrow('another agentModel than');
		const open = join(folder, 'open');
		const failing = await FakeServer.listen({ reply: slowly });
		failing.script.push({ status: 401 });
		await harvestServers([...settings(failing.port), '--shard', '2/3', '--out', open]);
		await failing.close();
		await expect(merge(['--out', out, shard(1), open, shard(3)])).rejects.toThrow(`${open} is not finished`);
	});

	test('of which there are more than scenarios are refused', async () => {
		await expect(harvestShard(5, 6)).rejects.toThrow('--shard 5/6: there are only 4 scenarios.');
	});
});
