import { ModelLoadError } from '../language-model.ts';

/** The part of WebGPU that is asked; TypeScript's own types do not know it yet. */
interface Gpu {
	requestAdapter(): Promise<{ readonly features: ReadonlySet<string> } | null>;
}

/**
 * Makes sure that llama.cpp will find the graphics device: where something is missing it stays on the CPU and says nothing.
 * @throws {ModelLoadError}
 */
export async function checkGpu(): Promise<void> {
	const { gpu } = navigator as { readonly gpu?: Gpu };
	const adapter = await gpu?.requestAdapter().catch(() => null);
	if (!adapter) {
		throw new ModelLoadError(
			'This browser offers no graphics device (WebGPU). Use a current Chrome or Edge with hardware acceleration switched on, or run the model on the CPU.'
		);
	}
	if (!adapter.features.has('shader-f16')) {
		throw new ModelLoadError(
			'The graphics device cannot compute with 16-bit numbers (shader-f16), which the engine needs. Update its driver, or run the model on the CPU.'
		);
	}
	if (!('Suspending' in WebAssembly)) {
		throw new ModelLoadError(
			'This browser cannot use the graphics device from WASM (JSPI is missing). Use a current Chrome or Edge, or run the model on the CPU.'
		);
	}
}
