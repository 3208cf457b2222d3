import { expose } from 'comlink';
import { EngineHost } from '../src/models/engine-host.ts';
import { WebLlmModel } from '../src/models/webllm/webllm-model.ts';

expose(new EngineHost(WebLlmModel.load));
