import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Json, JsonObject } from '../../base/json.ts';
import { serverAddress } from '../../models/server/address.ts';
import { serverSource, type ChosenModels } from '../model-flags.ts';
import { filesOf, type ModelSpec } from '../model-spec.ts';
import { unreadable } from '../pack-file.ts';
import { shippedFile } from './evaluate-options.ts';

/** What tells the models of an evaluation from others, before they are loaded. */
export async function modelsMade(models: ChosenModels): Promise<JsonObject> {
	const { agent, user, tools } = models;
	return {
		agent: await whichModel(models, 'agent'),
		user: await whichModel(models, 'user'),
		engine: [...new Set([agent, user].map(engineOf))].join(', '),
		tools: agent.kind === 'shipped' ? 'compact' : tools
	};
}

function engineOf({ kind }: ModelSpec): string {
	if (kind === 'server') return 'openai-compatible';
	const name = kind === 'webllm' ? 'web-llm' : 'wllama';
	const library = kind === 'webllm' ? '@mlc-ai/web-llm' : '@wllama/wllama';
	return `${name} ${packageJson.dependencies[library]}`;
}

/** Of a file, the SHA-256 in hexadecimal. */
async function whichModel(models: ChosenModels, role: 'agent' | 'user'): Promise<Json> {
	const spec = models[role];
	switch (spec.kind) {
		case 'shipped':
			return hashOf(role, [shippedFile(spec.name)]);
		case 'file':
			return hashOf(role, filesOf(spec.path));
		case 'webllm':
			return spec.id;
		case 'server': {
			const { address, model, settings = {} } = serverSource(models, role);
			return { server: serverAddress(address).href, model, settings: settings as JsonObject };
		}
	}
}

async function hashOf(role: 'agent' | 'user', files: readonly string[]): Promise<string> {
	const hash = createHash('sha256');
	for (const file of files) {
		try {
			for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
		} catch (error) {
			throw unreadable(`--${role}-model`, file, error);
		}
	}
	return hash.digest('hex');
}
