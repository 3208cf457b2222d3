import { expose } from 'comlink';
import { PrivateFileModels } from '../../../src/models/wllama/private-file-models.ts';

expose(new PrivateFileModels());
