import { expose } from 'comlink';
import { WebLlmHost } from '../src/models/webllm/host.ts';

expose(new WebLlmHost());
