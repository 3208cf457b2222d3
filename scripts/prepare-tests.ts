import { ensureChromium } from './chromium.ts';

/** What `npm test` needs beside the dependencies; flags are Vitest's. */
export default function prepareTests(): number {
	ensureChromium();
	return 0;
}
