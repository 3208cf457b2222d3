import type { WllamaSource } from './wllama/settings.ts';

/** The models that come with the app, by the name of their file in `public/models`. */
export const shippedModels = ['embedded', 'embedded-josh'] as const;

export type ShippedModel = (typeof shippedModels)[number];

/**
 * Where a model that comes with the app lies and how it wants to be run.
 * @param base the app's own address, e.g. `document.baseURI`; the worker's would be wrong
 */
export function shippedSource(base: string | URL, name: ShippedModel = 'embedded'): WllamaSource {
	return { model: new URL(`models/${name}.gguf`, base).href, settings: { tools: 'compact' } };
}
