import { describe, expect, it } from 'vitest';
import { errorText, failureOf, generationError, loadError } from '../../../src/models/webllm/errors.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('failureOf', () => {
	it.each([
		[
			'ContextWindowSizeExceededError: Prompt tokens exceed context window size: number of prompt tokens: 5000; context window size: 4096',
			'overflow'
		],
		[named('ContextWindowSizeExceededError', 'Prompt tokens exceed context window size: …'), 'overflow'],
		['DeviceLostError: The WebGPU device was lost while loading the model.', 'lost'],
		['Device was lost. This can happen due to insufficient memory', 'lost'],
		['ModelNotLoadedError: Model not loaded before trying to complete ChatCompletionRequest.', 'lost'],
		[new Error('Object has already been disposed'), 'lost'],
		[new DOMException("Failed to execute 'mapAsync' on 'GPUBuffer'", 'AbortError'), 'lost'],
		[new DOMException('[Device] is lost.', 'OperationError'), 'lost'],
		[named('GPUOutOfMemoryError', 'Out of memory'), 'lost'],
		[new RangeError('Array buffer allocation failed'), 'lost'],
		['GrammarMatcherInitError: Failed to initialize the grammar matcher', 'request'],
		['SystemMessageOrderError: System prompt should always be the first message in `messages`.', 'request'],
		[new Error('InternalError: failed to sample a valid token.'), 'fault'],
		[undefined, 'fault'],
		[{ message: 'device lost' }, 'lost']
	])('%s is %s', (error, failure) => {
		expect(failureOf(error)).toBe(failure);
	});
});

describe('generationError', () => {
	it('gives each failure its class and keeps the reason', () => {
		expect(generationError('ContextWindowSizeExceededError: long')).toMatchObject({
			name: 'ContextOverflowError'
		});
		expect(generationError('Device was lost')).toMatchObject({ name: 'ModelFaultError' });
		expect(generationError('who knows')).toMatchObject({
			name: 'ModelFaultError',
			message: expect.stringContaining('who knows'),
			cause: 'who knows'
		});
		// Not one that a pool would repeat on a fresh engine.
		expect(generationError('GrammarMatcherInitError: bad')).toMatchObject({ name: 'Error' });
	});
});

describe('loadError', () => {
	it.each([
		[named('ShaderF16SupportError', 'requires WebGPU extension shader-f16'), /name has f32/],
		[named('WebGPUNotAvailableError', 'WebGPU is not supported'), /no WebGPU/],
		[named('FeatureSupportError', 'requires feature subgroups'), /smaller one/],
		['DeviceLostError: The WebGPU device was lost', /does not fit/],
		[new DOMException('no room', 'QuotaExceededError'), /storage is full/],
		[new TypeError('Failed to fetch'), /offline/],
		[new Error('Cannot fetch https://x/params_shard_0.bin err= 404'), /could not be downloaded/],
		[
			new WebAssembly.LinkError(
				'WebAssembly.instantiate(): Import #0 "env": function import requires a callable'
			),
			/another version of web-llm/
		],
		['anything else', /another model/]
	])('%s', (error, help) => {
		const { name, message } = loadError(error);
		expect(name).toBe('ModelLoadError');
		expect(message).toMatch(help);
		expect(message).toContain(errorText(error));
	});
});
