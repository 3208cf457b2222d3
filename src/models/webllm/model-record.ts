import { ModelLoadError } from '../language-model.ts';
import type { ModelRecord } from './engine.ts';
import type { CustomModel } from './settings.ts';
import type { WebLlmSyntax } from './tool-grammar.ts';

/** Context of a model whose list entry names none. */
const usualContext = 4096;

/**
 * The entry for a model that the user names.
 * @throws {ModelLoadError} if there is none in the list, or an address cannot be one
 */
export function recordOf(model: string | CustomModel, models: readonly ModelRecord[]): ModelRecord {
	if (typeof model !== 'string') return customRecord(model);
	const listed = models.find(({ model_id }) => model_id === model);
	if (!listed) {
		throw new ModelLoadError(`This version of web-llm has no model named ${model}. Choose one of its list.`);
	}
	if (listed.model_type === 1) {
		throw new ModelLoadError(`${model} makes embeddings and cannot talk. Choose another model.`);
	}
	return needsShaderF16(listed) ? { ...listed, required_features: ['shader-f16'] } : listed;
}

/**
 * Whether the device must compute with 16-bit floats. The list says it of few models, the name of each: libraries for
 * weights or activations in f16 use them throughout.
 */
export function needsShaderF16({ model_id, model_lib, required_features = [] }: ModelRecord): boolean {
	const compiledForF16 = /q\d+f16/;
	return (
		required_features.includes('shader-f16') ||
		compiledForF16.test(model_id) ||
		compiledForF16.test(model_lib)
	);
}

/** Tokens that prompt and reply share. */
export function contextOf({ overrides }: ModelRecord): number {
	const listed = overrides?.context_window_size;
	return listed !== undefined && listed > 0 ? listed : usualContext;
}

/** Where a model's files lie, as web-llm reads an address. */
export function folderOf({ model }: Pick<ModelRecord, 'model'>): string {
	const folder = model.endsWith('/') ? model : `${model}/`;
	return /.+\/resolve\/.+\//.test(folder) ? folder : `${folder}resolve/main/`;
}

/** The Qwen3 and Qwen3.5 chat models think unless they are told not to; their later variants do one or the other. */
export function canSwitchThinking({ model_id }: ModelRecord): boolean {
	return /^Qwen3(\.5)?-[\d.]+B-q/.test(model_id);
}

/** How a model is told to call, and kept to calling: Qwen3.5 was trained on tags of its own, the others know Hermes text best. */
export function syntaxOf({ model_id }: Pick<ModelRecord, 'model_id'>): WebLlmSyntax {
	return /^Qwen3\.5-/.test(model_id) ? 'qwen3-coder-xml' : 'hermes-json';
}

/** @throws {ModelLoadError} that says which address is wrong, and how */
export function customRecord({ address, library }: CustomModel): ModelRecord {
	const model = checked(address, 'address of the model');
	const lib = checked(library, 'address of the library');
	if (!lib.pathname.endsWith('.wasm')) {
		throw new ModelLoadError(`The address of the library must end in .wasm; it is ${lib.href}.`);
	}
	if (/\.(gguf|safetensors|bin|json)$/i.test(model.pathname)) {
		throw new ModelLoadError(
			`The address of the model must be that of a folder in MLC's form, not of one file; it is ${model.href}.`
		);
	}
	const name =
		model.pathname
			.replace(/\/resolve\/.*$/, '')
			.split('/')
			.filter(Boolean)
			.at(-1) ?? model.host;
	const record = { model: model.href, model_id: decodeURIComponent(name), model_lib: lib.href };
	return needsShaderF16(record) ? { ...record, required_features: ['shader-f16'] } : record;
}

function checked(text: string, what: string): URL {
	let url: URL;
	try {
		url = new URL(text.trim());
	} catch {
		throw new ModelLoadError(`The ${what} must be a whole one that begins with https://; it is "${text}".`);
	}
	const near = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
	if (url.protocol !== 'https:' && !(near && url.protocol === 'http:')) {
		throw new ModelLoadError(
			`The ${what} must begin with https:// (http:// only on this machine); it is ${url.href}.`
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new ModelLoadError(`The ${what} must not hold a user name or password.`);
	}
	if (url.search !== '' || url.hash !== '') {
		throw new ModelLoadError(`The ${what} must end with its path, without "?" or "#"; it is ${url.href}.`);
	}
	return url;
}
