import { expose } from 'comlink';
import { RemoteModel } from '../src/models/remote-model.ts';
import { LocalEvaluationService } from '../src/run/local-evaluation-service.ts';

const createEngine = () =>
	new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'joshtree engine' });

expose(
	new LocalEvaluationService((model) =>
		RemoteModel.start(createEngine, { model, settings: { tools: 'compact' } })
	)
);
