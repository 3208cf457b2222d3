import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';
import { serverAddress } from '../models/server/address.ts';
import { shippedModels, type ShippedModel } from '../models/shipped.ts';

/** A model as it is named on a command line. */
export type ModelSpec =
	/** Comes with Joshtree. */
	| { readonly kind: 'shipped'; readonly name: ShippedModel }
	/** A GGUF file; of a split one, any of its parts. */
	| { readonly kind: 'file'; readonly path: string }
	/** Of web-llm's list. */
	| { readonly kind: 'webllm'; readonly id: string }
	/** As the server calls it; the address as typed. */
	| { readonly kind: 'server'; readonly address: string; readonly name: string };

export const embedded: ModelSpec = { kind: 'shipped', name: 'embedded' };

/** What a SPEC may be, for usage texts. */
export const specUsage = `A SPEC is one of
  embedded                the model that comes with Joshtree; a file of that name is ./embedded
  embedded-josh           the same model, trained on its own harvest
  PATH                    a GGUF file; of a split one, any of its parts: the others lie beside it
  URL#NAME                a model on an OpenAI-compatible server, e.g. http://localhost:8000/v1#Qwen/Qwen3-8B
  webllm:ID               a model of web-llm's list; needs a Chromium with a graphics device (WebGPU)`;

/**
 * Reads a SPEC. Whether there is such a model is not looked at; {@link checkFiles} does that for files.
 *
 * @param flag the flag that it is the value of, for messages
 * @throws {UsageError} that says what is wrong and what to write
 */
export function readModelSpec(flag: string, text: string): ModelSpec {
	const shipped = shippedModels.find((name) => name === text);
	if (shipped !== undefined) return { kind: 'shipped', name: shipped };
	if (text.trim() === '') throw new UsageError(`${flag} needs a model.\n\n${specUsage}`);
	if (text.startsWith('webllm:')) return webLlmSpec(flag, text.slice('webllm:'.length));
	if (/^https?:\/\//i.test(text)) return serverSpec(flag, text);
	// One letter before the colon is a drive.
	if (/^(https?:|[a-z][a-z0-9+.-]+:\/\/)/i.test(text))
		throw new UsageError(
			`${flag} ${text}: models are had from files and from servers whose addresses begin with http:// or https://.\n\n${specUsage}`
		);
	return { kind: 'file', path: text };
}

function webLlmSpec(flag: string, id: string): ModelSpec {
	if (/^[\w.-]+$/.test(id)) return { kind: 'webllm', id };
	throw new UsageError(
		`${flag} webllm:${id} names no model of web-llm. Write webllm: and an id of its list, e.g. webllm:Qwen3-0.6B-q4f16_1-MLC.`
	);
}

/** The name is all behind the first #, as it stands: names hold slashes, colons and more. */
function serverSpec(flag: string, text: string): ModelSpec {
	const at = text.indexOf('#');
	const [address, name] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1).trim()];
	const { href } = addressOf(flag, address);
	if (name !== '') return { kind: 'server', address, name };
	throw new UsageError(
		/\.gguf$/i.test(address)
			? `${flag} ${text} is the address of a file. Download it, and write its path.`
			: `${flag} ${text} does not say which model of the server. Write ${address}#NAME; ${href}/models lists the names.`
	);
}

/** @throws {UsageError} if it is not the address of a server */
export function addressOf(flag: string, typed: string): URL {
	try {
		return serverAddress(typed);
	} catch (error) {
		throw new UsageError(`${flag}: ${(error as Error).message}`);
	}
}

/** What `readModelSpec` reads as that model again. */
export function specText(spec: ModelSpec): string {
	switch (spec.kind) {
		case 'shipped':
			return spec.name;
		case 'file':
			return spec.path;
		case 'webllm':
			return `webllm:${spec.id}`;
		case 'server':
			return `${spec.address}#${spec.name}`;
	}
}

/** A model's name for the name of a folder. Other models may have the same. */
export function folderName(spec: ModelSpec): string {
	switch (spec.kind) {
		case 'shipped':
			return spec.name;
		case 'file':
			return basename(spec.path, extname(spec.path)).replace(/-\d{5}-of-\d{5}$/, '');
		case 'webllm':
			return spec.id;
		case 'server':
			return spec.name.replaceAll(/[^\w.-]+/g, '_');
	}
}

/** The files of a model, by the path of one: of a split model, all parts in order. */
export function filesOf(path: string): readonly string[] {
	const [, start, count, end] = /^(.*-)\d{5}-of-(\d{5})(\.gguf)$/i.exec(path) ?? [];
	if (count === undefined || Number(count) === 0) return [path];
	return Array.from(
		{ length: Number(count) },
		(_, part) => `${start}${String(part + 1).padStart(5, '0')}-of-${count}${end}`
	);
}

/** @throws {UsageError} if the model is a file, and it or one of its parts is not there */
export function checkFiles(flag: string, spec: ModelSpec): void {
	if (spec.kind !== 'file') return;
	for (const file of filesOf(spec.path)) {
		const found = statSync(file, { throwIfNoEntry: false });
		if (found?.isFile()) continue;
		if (found) throw new UsageError(`${flag} ${file} is not a file. Name a GGUF file.`);
		const isPart = file !== spec.path;
		throw new UsageError(
			isPart
				? `${flag} ${spec.path} is one part of a model; its part ${file} is missing. Put all parts into one folder.`
				: `${flag} ${file} cannot be read: there is no such file.\n\n${specUsage}`
		);
	}
}
