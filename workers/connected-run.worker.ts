import { expose } from 'comlink';
import { version } from '../package.json';
import { browserRunService } from '../src/run/browser-run-service.ts';
import { connectedEngines } from './connected-engines.ts';

expose(browserRunService(version, import.meta.env.BASE_URL, connectedEngines));
