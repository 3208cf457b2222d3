import { expose } from 'comlink';
import { EngineHost } from '../src/models/engine-host.ts';
import { ServerModel } from '../src/models/server/server-model.ts';

expose(new EngineHost(ServerModel.load));
