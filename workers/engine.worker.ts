import { expose } from 'comlink';
import { EngineHost } from '../src/models/engine-host.ts';
import { WllamaModel } from '../src/models/wllama/wllama-model.ts';

expose(new EngineHost(WllamaModel.load));
