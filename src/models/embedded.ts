import type { WllamaSource } from './wllama/settings.ts';

/**
 * Where the model that comes with the app lies and how it wants to be run.
 * @param base the app's own address, e.g. `document.baseURI`; the worker's would be wrong
 */
export function embeddedModel(base: string | URL): WllamaSource {
	return { model: new URL('models/embedded.gguf', base).href, settings: { tools: 'compact' } };
}
