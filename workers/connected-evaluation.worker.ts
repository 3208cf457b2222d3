import { expose } from 'comlink';
import { browserEvaluationService } from '../src/run/browser-evaluation-service.ts';
import { connectedEngines } from './connected-engines.ts';

expose(browserEvaluationService(import.meta.env.BASE_URL, connectedEngines));
