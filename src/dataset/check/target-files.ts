import { Tokenizer } from '@huggingface/tokenizers';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { TargetModel } from './check.ts';
import { Rendering, TargetError } from './rendering.ts';

/** Files of a model's repository, as text. One of the last two must hold a chat template. */
export interface TokenizerFiles {
	/** Without it lengths are estimated. */
	readonly 'tokenizer.json'?: string;
	readonly 'tokenizer_config.json'?: string;
	readonly 'chat_template.jinja'?: string;
}

/**
 * A target from the files that transformers reads.
 * @param repository where trainers find the model: `Qwen/Qwen3-0.6B`, or a folder
 * @throws {TargetError} if there is no chat template, or a file cannot be read
 */
export function targetFromFiles(repository: string, files: TokenizerFiles): TargetModel {
	const config = objectIn(files, 'tokenizer_config.json') ?? {};
	const chatTemplate = files['chat_template.jinja'] ?? templateIn(config['chat_template']);
	if (chatTemplate === undefined) {
		throw new TargetError(
			`${repository} comes without a chat template. Add chat_template.jinja, or a tokenizer_config.json that holds one.`
		);
	}
	const tokenizer = objectIn(files, 'tokenizer.json');
	const bosToken = tokenText(config['bos_token']);
	const eosToken = tokenText(config['eos_token']);
	const target: TargetModel = {
		name: repository,
		repository,
		chatTemplate,
		...(bosToken !== undefined && { bosToken }),
		...(eosToken !== undefined && { eosToken }),
		...(tokenizer && { tokenize: tokenizing(repository, tokenizer, config) }),
		specialTokens: specialTokens(tokenizer, config)
	};
	// The user who picks a file should learn now that it cannot be used.
	new Rendering(target);
	return target;
}

/**
 * Tokenizes as transformers does with a text that a chat template wrote.
 * @param tokenizer what tokenizer.json holds
 * @throws {TargetError} if it is of a kind that is not known
 */
export function tokenizing(
	name: string,
	tokenizer: JsonObject,
	config: JsonObject
): NonNullable<TargetModel['tokenize']> {
	try {
		const engine = new Tokenizer(tokenizer, config);
		const tokenize = (text: string) => engine.encode(text, { add_special_tokens: false }).ids;
		tokenize('a');
		return tokenize;
	} catch (error) {
		throw new TargetError(
			`The tokenizer of ${name} cannot be used: ${error instanceof Error ? error.message : String(error)}. Leave tokenizer.json out to have lengths estimated.`,
			{ cause: error }
		);
	}
}

function objectIn(files: TokenizerFiles, file: keyof TokenizerFiles): JsonObject | undefined {
	const text = files[file];
	if (text === undefined) return undefined;
	try {
		const value: unknown = JSON.parse(text);
		if (isJsonObject(value)) return value;
	} catch {
		// Said below.
	}
	throw new TargetError(`${file} is not a JSON object. Download it again.`);
}

/** One template, or several by name; transformers takes `tool_use` where tools are passed. */
function templateIn(value: Json | undefined): string | undefined {
	if (typeof value === 'string') return value;
	if (!Array.isArray(value)) return undefined;
	const named = (value as readonly Json[]).filter(isJsonObject);
	const find = (name: string) => named.find((one) => one['name'] === name)?.['template'];
	const template = find('tool_use') ?? find('default');
	return typeof template === 'string' ? template : undefined;
}

/** tokenizer.json lists them; tokenizer_config.json repeats them, and is all there is where only that was given. */
function specialTokens(tokenizer: JsonObject | undefined, config: JsonObject): readonly string[] {
	const listed = (value: Json | undefined) => Object.values((value ?? {}) as JsonObject).filter(isJsonObject);
	const added = [...listed(tokenizer?.['added_tokens']), ...listed(config['added_tokens_decoder'])];
	const named = Object.entries(config).filter(([name]) => name.endsWith('_token'));
	const others = config['additional_special_tokens'];
	const texts = [
		...added.filter((token) => token['special'] === true),
		...named.map(([, token]) => token),
		...(Array.isArray(others) ? (others as readonly Json[]) : [])
	].map(tokenText);
	return [...new Set(texts.filter((text) => text !== undefined && text !== ''))] as string[];
}

function tokenText(value: Json | undefined): string | undefined {
	const text = isJsonObject(value) ? value['content'] : value;
	return typeof text === 'string' ? text : undefined;
}
