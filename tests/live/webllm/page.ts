import { Catalogue, deviceSupport, storageUsed } from '../../../src/models/webllm/catalogue.ts';
import type { GenerateRequest, Generation, LoadProgress } from '../../../src/models/language-model.ts';
import type { Message } from '../../../src/dialogue/message.ts';
import { RemoteModel } from '../../../src/models/remote-model.ts';
import type { WebLlmSettings, WebLlmSource } from '../../../src/models/webllm/settings.ts';

/** What the page is told: the settings to try. */
export interface LiveOrder {
	readonly parking: NonNullable<WebLlmSettings['parking']>;
}

const started = performance.now();
const tell = (what: string, value: unknown) =>
	console.log(
		`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}: ${JSON.stringify(value)}`
	);

const createWorker = () =>
	new Worker(new URL('../../../workers/webllm.worker.ts', import.meta.url), { type: 'module' });

const says = (content: string): Message => ({ role: 'user', content });

/** A reply is one letter and the end of the turn, by grammar: random weights would hardly ever end one. */
function ask(
	messages: readonly Message[],
	seed: number,
	more: Partial<GenerateRequest> = {}
): GenerateRequest {
	return {
		messages: [{ role: 'system', content: 'S' }, ...messages],
		tools: [],
		sampling: { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 4 },
		seed,
		constraint: { grammar: 'root ::= [a-z]' },
		...more
	};
}

const short = ({ text, finishReason, usage, timing }: Generation) => ({ text, finishReason, usage, timing });

async function live({ parking }: LiveOrder): Promise<void> {
	tell('device', await deviceSupport());
	const model = {
		address: new URL('/models/random-q4f32_1', location.href).href,
		library: new URL('/library.wasm', location.href).href
	};
	const source: WebLlmSource = { model, settings: { tools: 'compact', contextTokens: 64, parking } };

	const catalogue = await Catalogue.open();
	tell('models in the list', catalogue.entries.length);
	tell('entry', catalogue.entry(model));
	tell('bytes to download', await catalogue.downloadBytes(model));
	tell('cached before', await catalogue.isCached(model));

	const cancel = new AbortController();
	const cancelled = await RemoteModel.start(createWorker, source, {
		signal: cancel.signal,
		onProgress: () => cancel.abort()
	}).catch((error: Error) => error.name);
	tell('cancelled while downloading', cancelled);

	const seen: LoadProgress[] = [];
	const remote = await RemoteModel.start(createWorker, source, {
		onProgress: (progress) => seen.push(progress)
	});
	tell('loaded', remote.identity);
	tell('progress reports', [seen.length, seen[0], seen.at(-1)]);
	tell('cached now', await catalogue.isCached(model));
	tell('storage', await storageUsed());

	const long = await remote.generate(ask([says('x'.repeat(100))], 1)).catch((error: Error) => error.name);
	tell('a prompt that is too long', long);

	const first = await remote.generate(ask([says('h')], 7));
	tell('first turn', short(first));
	const shared: Message[] = [says('h'), { role: 'assistant', content: first.text }];
	const branch = await remote.generate(ask([...shared, says('x')], 8));
	tell('branch x', short(branch));
	tell('another conversation', short(await remote.generate(ask([says('k')], 9))));
	const again = await remote.generate(ask([...shared, says('x')], 8));
	tell('branch x again', { ...short(again), same: again.text === branch.text });

	const abort = new AbortController();
	const endless = ask([says('h')], 3, { constraint: { grammar: 'root ::= [a-z] root' } });
	const aborted = await remote
		.generate(endless, { signal: abort.signal, onText: () => abort.abort() })
		.catch((error: Error) => error.name);
	tell('aborted', aborted);
	const after = await remote.generate(ask([says('h')], 7));
	tell('first turn again', { ...short(after), same: after.text === first.text });

	await remote.dispose();
	await catalogue.delete(model);
	tell('cached after deletion', await catalogue.isCached(model));
}

declare global {
	interface Window {
		live: typeof live;
	}
}
window.live = live;
