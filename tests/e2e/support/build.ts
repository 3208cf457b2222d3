import { ensureChromium } from '../../../scripts/chromium.ts';
import { ensurePage } from '../../../scripts/page-build.ts';

/** Vitest's global set-up of these tests: they run against the built page. */
export default function build(): void {
	ensureChromium();
	ensurePage();
}
