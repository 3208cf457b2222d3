import { expose } from 'comlink';
import { browserEvaluationService } from '../src/run/browser-evaluation-service.ts';
import { ownEngines } from './own-engines.ts';

expose(browserEvaluationService(import.meta.env.BASE_URL, ownEngines));
