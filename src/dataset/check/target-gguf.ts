import {
	controlTokens,
	ggufTokenizer,
	textsIn,
	type GgufMetadata
} from '../../models/wllama/gguf-tokenizer.ts';
import type { TargetModel } from './check.ts';
import { Rendering, TargetError } from './rendering.ts';
import { tokenizing } from './target-files.ts';

/**
 * A target from what stands before the weights of a GGUF file; the embedded model's is one. Tokens are counted if the file holds a
 * byte-level BPE vocabulary whose way of splitting words is known here, else lengths are estimated.
 * @throws {TargetError} if there is no chat template, or it cannot be parsed
 */
export function targetFromGguf(metadata: GgufMetadata): TargetModel {
	const named = metadata.get('general.name');
	const name = typeof named === 'string' ? named : 'the GGUF file';
	const template =
		metadata.get('tokenizer.chat_template.tool_use') ?? metadata.get('tokenizer.chat_template');
	if (typeof template !== 'string')
		throw new TargetError(`${name} comes without a chat template. Choose another conversion of the model.`);
	const tokens = textsIn(metadata, 'tokenizer.ggml.tokens');
	const special = (key: string) => tokens?.[metadata.get(`tokenizer.ggml.${key}`) as number];
	const bosToken = special('bos_token_id');
	const eosToken = special('eos_token_id');
	const tokenizer = ggufTokenizer(metadata);
	const repository = repositoryOf(metadata);
	const target: TargetModel = {
		name,
		...(repository !== undefined && { repository }),
		chatTemplate: template,
		...(bosToken !== undefined && { bosToken }),
		...(eosToken !== undefined && { eosToken }),
		...(tokenizer && { tokenize: tokenizing(name, tokenizer, {}) }),
		specialTokens: [...new Set([...controlTokens(metadata), bosToken, eosToken])].filter(
			(token) => token !== undefined
		)
	};
	new Rendering(target);
	return target;
}

/** Trainers want the model that the file was converted from. */
function repositoryOf(metadata: GgufMetadata): string | undefined {
	const address = metadata.get('general.source.repo_url') ?? metadata.get('general.base_model.0.repo_url');
	return /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)\/?$/.exec(String(address))?.[1];
}
