import { expose } from 'comlink';
import { shippedSource } from '../../src/models/shipped.ts';
import { RemoteModel } from '../../src/models/remote-model.ts';
import { Workbench } from './workbench.ts';

const createEngine = () =>
	new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), { type: 'module' });

expose(
	new Workbench(new URL('/', self.location.origin), (app) =>
		RemoteModel.start(createEngine, shippedSource(app))
	)
);
