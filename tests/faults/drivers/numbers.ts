import { writeJson } from '../../../src/base/json.ts';
import { writeArguments } from '../../../src/dialogue/call-arguments.ts';
import { datasetFormats } from '../../../src/dataset/formats/index.ts';
import type { GenerateRequest, LanguageModel } from '../../../src/models/language-model.ts';
import { generationOf } from '../../../src/models/reply.ts';
import { loadEnvironment } from '../../../src/environment/pack-environment.ts';
import { storedSearches } from '../../../src/run/stored-searches.ts';
import type { ScenarioTree } from '../../../src/harvest/examples.ts';
import type { ScenarioEvent } from '../../../src/store/run-store.ts';
import { FolderStore } from '../../../src/store/folder-store.ts';
import { harvestFiles } from '../../dataset/harvest-files.ts';
import { DeskModel, deskConfig, deskService } from '../../run/desk-run.ts';
import { MemoryFiles } from '../../store/memory-files.ts';
import type { FaultDriver } from '../fault-case.ts';

/**
 * Harvests `pack.json` with an agent that writes `agent.json`, one reply after the other, from the start and once more from the middle on.
 * Gives the goals that were earned, what calls were given, which formats do not hold that as it was written, why replies were no calls, and
 * every long number that stands anywhere: in the store, in the exported events, and in each format of dataset.
 */
const numbers: FaultDriver = async (fault) => {
	const packText = fault.text('pack.json');
	const replies = (JSON.parse(fault.text('agent.json')) as string[]).map((reply) =>
		reply.replace(/\[\[(\d+)\]\]/, (_, depth) => '['.repeat(Number(depth)) + ']'.repeat(Number(depth)))
	);
	const config = deskConfig({ scenarios: ['s1'], strategy: { kind: 'josh', beam: 2, maxSteps: 4 } });
	const harvest = async (history: readonly ScenarioEvent[]) => {
		const files = new MemoryFiles();
		const store = new FolderStore(files);
		const service = deskService(store, {
			fetchPack: async () => packText,
			spawn: async () => new ScriptedModel(replies)
		});
		const created = await service.create(config);
		await store.append(created.id, history);
		await service.start(created.id, { workers: 1 });
		const record = (await service.list())[0]!;
		if (record.status !== 'finished') throw new Error(`the run is ${record.status}`);
		const exported = await service.datasets.export(record.id);
		const texts = await Promise.all(exported.files.map(({ content }) => content.text()));
		return {
			store,
			record,
			events: await service.events(record.id),
			texts: [...files.files.values(), ...texts]
		};
	};

	const whole = await harvest([]);
	const resumed = await harvest(whole.events.slice(0, Math.ceil(whole.events.length / 2)));
	if (writeJson(resumed.events) !== writeJson(whole.events))
		throw new Error('the resumed run is another one');

	const searches: ScenarioTree[] = [];
	const environment = await loadEnvironment(packText);
	for await (const search of storedSearches(whole.store, whole.record, environment)) {
		if ('damage' in search) throw new Error(search.damage.join());
		const { scenario, tree } = search;
		searches.push({ scenario, tree, environment, agent: config.agent });
	}
	const harvested = await harvestFiles(searches, { formats: [...datasetFormats.values()] });
	const files = await Promise.all(
		harvested.files.map(async ({ name, content }) => [name, await content.text()] as const)
	);
	const everything = [...whole.texts, ...files.map(([, text]) => text)]
		.join('\n')
		.replaceAll(packText.trim(), '');
	const [{ tree }] = searches as [ScenarioTree];
	const steps = whole.events.flatMap(({ event }) => (event.kind === 'agent' ? [event] : []));
	const written = steps.flatMap(({ calls = [] }) => calls.map(writeArguments));
	return {
		earned: tree.goals.flatMap(({ id }, at) => (tree.left.includes(at) ? [] : [id])),
		arguments: unique(written),
		formatsWithout: files.flatMap(([name, text]) =>
			text === '' || written.every((one) => bare(text).includes(bare(one))) ? [] : [name]
		),
		problems: unique(steps.flatMap(({ error }) => /expected .*?(?= at offset)/.exec(error ?? '') ?? [])),
		numbers: unique(everything.match(/(?<![\w.])\d{16,}(?!\w)/g) ?? [])
	};
};

export default numbers;

/** Its agent writes the replies in order, whatever is said; its user goes on and on. */
class ScriptedModel extends DeskModel {
	readonly #replies: readonly string[];

	constructor(replies: readonly string[]) {
		super();
		this.#replies = replies;
	}

	override async generate(request: GenerateRequest): ReturnType<LanguageModel['generate']> {
		const { messages, tools } = request;
		const before = messages.filter(({ role }) => role === 'assistant').length;
		const text = tools.length > 0 ? (this.#replies[before] ?? 'Bye.') : 'Go on.';
		return {
			...generationOf(text, request),
			text,
			finishReason: 'stop',
			usage: { promptTokens: 10, cachedTokens: 0, completionTokens: 5 },
			timing: { prompt: 1, completion: 1 }
		};
	}
}

/** Without what JSON text in JSON text, and white space, add. */
function bare(text: string): string {
	return text.replace(/[\s\\]/g, '');
}

function unique(texts: readonly string[]): string[] {
	return [...new Set(texts)];
}
