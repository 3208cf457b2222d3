/** A browser's worker with a model on a server; bundled and started by worker.test.ts. */
import { ServerModel } from '../../../src/models/server/server-model.ts';
import type { ServerSource } from '../../../src/models/server/settings.ts';
import { request } from '../fake-model.ts';

addEventListener('message', ({ data }: MessageEvent<ServerSource>) => {
	const work = async () => {
		const model = await ServerModel.load(data);
		const whole = await model.generate(request('Hi'));
		let pieces = 0;
		const streamed = await model.generate(request('Hi'), { onText: () => pieces++ });
		return { identity: model.identity, texts: [whole.text, streamed.text], pieces };
	};
	work().then(
		(result) => postMessage(result),
		(error: unknown) => postMessage({ error: String(error) })
	);
});
