/**
 * Writes training text for the embedded model: conversations of the scripted pair, each as the agent's model and as the user's model
 * reads it, rendered by the code that the app uses.
 *
 *   npx tsx model/corpus.ts --dialogues 60000 --seed 1 --out model/build/corpus-000.jsonl.gz [--world fixed|fresh|mixed] [--shard 0/2]
 *
 * One JSON object a line, two lines a dialogue: {"id", "role": "agent" | "user", "kind": "travel" | "chat", "text", "spans"}.
 * `spans` are [start, end) offsets into `text` of what that role's model wrote, each with its closing `<|im_end|>`.
 * No dialogue has the goal calls of a validation or test scenario of the shipped world.
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readFlags, UsageError } from '../scripts/flags.ts';
import { Random } from '../src/base/random.ts';
import { integer, number, oneOf } from '../src/cli/flag-values.ts';
import { writeChatmlMessage } from '../src/dialogue/chatml.ts';
import { compactToolsSection, hermesMessages } from '../src/dialogue/hermes-write.ts';
import type { PlainMessage } from '../src/dialogue/message.ts';
import type { Pack } from '../src/environment/pack-format.ts';
import { contentOf, sampleTasksOutside } from '../src/environment/travel/tasks.ts';
import { generateTravel, shippedSeed, writeScenario } from '../src/environment/travel/travel.ts';
import type { World } from '../src/environment/travel/world.ts';
import { scriptedDialogue } from '../src/talk/scripted/dialogue.ts';
import { scaledNoise, usualNoise, type Noise } from '../src/talk/scripted/noise.ts';
import { agentView, userView } from '../src/talk/views.ts';
import { chat } from './chat.ts';
import { CorpusStatistics } from './corpus-statistics.ts';

export interface View {
	readonly id: string;
	readonly role: 'agent' | 'user';
	readonly kind: 'travel' | 'chat';
	readonly text: string;
	readonly spans: readonly (readonly [number, number])[];
}

export type WorldChoice = 'fixed' | 'fresh' | 'mixed';

/** Every so many dialogues that are not chat share one fresh world. */
const dialoguesPerWorld = 4;
const chatShare = 0.1;
/** More tasks at a time than the scenarios have: what is hard is to keep them apart. */
const taskShares = { one: 0.3, two: 0.35 };
/** A travel dialogue is written from the user's side, and this often from the agent's too: the user's words are harder to learn. */
const agentShare = 0.6;

/** Makes dialogues by number: the same seed and number give the same dialogue, whatever else was made. */
export class Corpus {
	readonly statistics = new CorpusStatistics();
	readonly #seed: number;
	readonly #choice: WorldChoice;
	readonly #noise: Noise;
	readonly #shipped: { pack: Pack; world: World };
	/** Goal calls of the scenarios that models are measured on. */
	readonly #heldOut: ReadonlySet<string>;
	#fresh: { number: number; pack: Pack; world: World } | undefined;

	/** @param carelessness how often the agent makes its mistakes, as a multiple of what is usual */
	constructor(seed: number, choice: WorldChoice, carelessness = 1) {
		this.#seed = seed;
		this.#choice = choice;
		this.#noise = scaledNoise(usualNoise, carelessness);
		const { pack, world, tasks } = generateTravel(shippedSeed);
		this.#shipped = { pack, world };
		const heldOut = pack.scenarios.filter(({ split }) => split !== 'train');
		this.#heldOut = new Set(heldOut.map(({ id }) => contentOf(tasks.get(id)!)));
	}

	/** The views of dialogue `number`: the user's, and most often the agent's. */
	views(number: number): View[] {
		const random = new Random('corpus', this.#seed, number);
		const id = `${this.#seed}-${number}`;
		if (random.chance(chatShare)) {
			const { agent, user } = chat(random, this.#shipped.pack.prompts.stop);
			return this.#write(id, 'chat', agent, user);
		}
		const fixed = this.#choice === 'fixed' || (this.#choice === 'mixed' && random.chance(0.5));
		const { pack, world } = fixed ? this.#shipped : this.#freshWorld(Math.floor(number / dialoguesPerWorld));
		const tasks = sampleTasksOutside(random, world, this.#heldOut, taskShares);
		const scenario = writeScenario(random, id, 'train', tasks);
		const dialogue = scriptedDialogue(random, pack, scenario, tasks, this.#noise);
		this.statistics.addDialogue(scenario, dialogue);
		const heard = dialogue.messages.slice(0, -1); // the last words are the user's, and nobody answers them
		const agent = hermesMessages(agentView(pack, heard), compactToolsSection(pack.tools));
		return this.#write(
			id,
			'travel',
			random.chance(agentShare) ? agent : undefined,
			hermesMessages(userView(pack, scenario, dialogue.messages))
		);
	}

	#freshWorld(number: number): { pack: Pack; world: World } {
		if (this.#fresh?.number !== number) {
			// Seeds of fresh worlds begin far above those of worlds that anything else asks for.
			const { pack, world } = generateTravel(1_000_000 * this.#seed + number + 1_000, {
				train: 0,
				val: 0,
				test: 0
			});
			this.#fresh = { number, pack, world };
		}
		return this.#fresh;
	}

	#write(
		id: string,
		kind: View['kind'],
		agent: readonly PlainMessage[] | undefined,
		user: readonly PlainMessage[]
	): View[] {
		const views: View[] = [{ id, role: 'user', kind, ...withSpans(user) }];
		if (agent) views.push({ id, role: 'agent', kind, ...withSpans(agent) });
		for (const view of views) this.statistics.addView(view);
		return views;
	}
}

/** ChatML text and where in it the assistant's words are, closing `<|im_end|>` included. Throws unless all is ASCII. */
export function withSpans(messages: readonly PlainMessage[]): { text: string; spans: [number, number][] } {
	const opening = '<|im_start|>assistant\n'.length;
	const spans: [number, number][] = [];
	let text = '';
	for (const message of messages) {
		const written = writeChatmlMessage(message);
		if (message.role === 'assistant')
			spans.push([text.length + opening, text.length + written.trimEnd().length]);
		text += written;
	}
	if (!/^[\n -~]*$/.test(text)) throw new Error(`not ASCII: ${text}`);
	return { text, spans };
}

/** Which part of how large a corpus goes into which file. */
export interface CorpusFile {
	readonly dialogues: number;
	readonly seed: number;
	readonly world: WorldChoice;
	/** 1 is usual. */
	readonly carelessness?: number;
	/** From 0. */
	readonly shard: number;
	readonly shards: number;
	/** A `.jsonl.gz`. */
	readonly out: string;
}

/** Writes a file of the corpus, and returns what is in it. */
export async function writeCorpus({
	dialogues,
	seed,
	world,
	carelessness,
	shard,
	shards,
	out
}: CorpusFile): Promise<CorpusStatistics> {
	const corpus = new Corpus(seed, world, carelessness);
	mkdirSync(dirname(out), { recursive: true });
	const gzip = createGzip();
	const written = pipeline(gzip, createWriteStream(out));
	// A shard is a contiguous part, so that dialogues of one fresh world stay together.
	const [first, last] = [
		Math.floor((dialogues * shard) / shards),
		Math.floor((dialogues * (shard + 1)) / shards)
	];
	for (let number = first; number < last; number++) {
		const lines = corpus.views(number).map((view) => `${JSON.stringify(view)}\n`);
		if (!gzip.write(lines.join(''))) await once(gzip, 'drain');
	}
	gzip.end();
	await written;
	return corpus.statistics;
}

const usage = `Usage: npx tsx model/corpus.ts --out FILE.jsonl.gz [flags]

  --dialogues N     of the whole corpus (1000)
  --seed S          the same seed and number give the same dialogue (1)
  --world W         fixed (the shipped one), fresh or mixed (mixed)
  --carelessness C  how often the agent makes its mistakes, as a multiple of what is usual (1)
  --shard I/N       this part of the corpus, counted from 0 (0/1)`;

async function main(): Promise<void> {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		process.argv.slice(2),
		{
			dialogues: text,
			seed: text,
			out: text,
			world: text,
			carelessness: text,
			shard: text,
			help: { type: 'boolean' }
		},
		usage
	);
	if (flags.help) return console.log(usage);
	const part = /^(\d+)\/(\d+)$/.exec(flags.shard ?? '0/1');
	if (!part || Number(part[1]) >= Number(part[2]))
		throw new UsageError(`--shard takes I/N with I from 0 to N - 1, not "${flags.shard}".`);
	if (!flags.out) throw new UsageError(`--out is missing.\n\n${usage}`);
	const statistics = await writeCorpus({
		dialogues: integer('--dialogues', flags.dialogues ?? 1000, 1, 100_000_000),
		seed: integer('--seed', flags.seed ?? 1, 0, 1_000_000),
		world: oneOf('--world', flags.world ?? 'mixed', ['fixed', 'fresh', 'mixed']),
		carelessness: number('--carelessness', flags.carelessness ?? 1, 0, 10),
		shard: Number(part[1]),
		shards: Number(part[2]),
		out: flags.out
	});
	console.log(statistics.report());
}

if (process.argv[1] === import.meta.filename) {
	await main().catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : String(error));
		process.exitCode = 1;
	});
}
