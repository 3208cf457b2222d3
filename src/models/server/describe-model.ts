import type OpenAI from 'openai';
import { APIError } from 'openai';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { ModelLoadError } from '../language-model.ts';
import { complaintIn } from './complaint.ts';
import { dialectOf, standardDialect, type Dialect } from './dialects.ts';
import { BrokenReplyError } from './faults.ts';
import { bodyText, excerpt, parseBody } from './reply-bodies.ts';

/** What a server tells of a model. */
export interface ServerModelFacts {
	/** As the server spells it. */
	readonly id: string;
	/** A fixed name of the weights, as far as the server says anything that stays the same over its restarts. */
	readonly hash: string;
	readonly contextTokens?: number;
	readonly dialect: Dialect;
}

/**
 * Asks a server for a model.
 * @throws {ModelLoadError} if the server lists its models and this is none of them; and what the client throws
 */
export async function describeModel(
	client: OpenAI,
	address: URL,
	model: string,
	signal: AbortSignal
): Promise<ServerModelFacts> {
	const listed = await modelsOf(client, address, signal);
	// Gateways may do without a list; whether the model is there will show.
	if (!listed) return { id: model, hash: model, dialect: standardDialect };
	const entry = listed.find(({ id }) => id === model) ?? listed.find(({ id }) => id === `${model}:latest`);
	if (!entry) {
		const names = listed.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
		const there =
			names.length === 0 ? 'none' : `${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
		throw new ModelLoadError(`${address.origin} has no model "${model}". It has: ${there}.`);
	}
	const contextTokens = whole(entry['max_model_len']) ?? (await slotContext(client, address, entry, signal));
	return {
		id: String(entry['id']),
		hash: fixedName(entry),
		...(contextTokens !== undefined && { contextTokens }),
		dialect: dialectOf(typeof entry['owned_by'] === 'string' ? entry['owned_by'] : undefined)
	};
}

/**
 * What a server lists, or `undefined` if it lists nothing at all.
 * @throws {ModelLoadError} if it is no API that answers there
 */
async function modelsOf(
	client: OpenAI,
	address: URL,
	signal: AbortSignal
): Promise<readonly JsonObject[] | undefined> {
	let text: string;
	try {
		text = await bodyText(await client.models.list({ signal }).asResponse());
	} catch (error) {
		if (error instanceof APIError && [404, 405, 501].includes(Number(error.status))) return undefined;
		throw error;
	}
	const isPage = text.trimStart().startsWith('<');
	const body = isPage ? undefined : parseBody(text);
	const complaint = body === undefined ? undefined : complaintIn(body);
	if (complaint) throw complaint;
	// Together lists models as they are; Ollama says null if it has none.
	const listed = isJsonObject(body) ? body['data'] : body;
	if (listed === null) return [];
	if (Array.isArray(listed)) return (listed as readonly Json[]).filter(isJsonObject);
	throw new ModelLoadError(
		`${address.href} does not answer like an API of models, but with ${isPage ? 'a web page' : 'other JSON'}: ` +
			`${excerpt(text)} Check the address; it usually ends in /v1.`
	);
}

/** `created` is left out: most servers put the time of their own start there. */
function fixedName({ id, root, meta }: JsonObject): string {
	const facts = [];
	// A path says where the weights lie, not which they are.
	if (typeof root === 'string' && root !== id && !root.startsWith('/')) facts.push(root);
	if (isJsonObject(meta)) {
		for (const key of ['n_params', 'size']) if (whole(meta[key])) facts.push(`${key} ${String(meta[key])}`);
	}
	return [String(id), ...facts].join('; ');
}

/** llama-server shares its context out to slots, and says so beside the API. */
async function slotContext(
	client: OpenAI,
	address: URL,
	{ owned_by: owner }: JsonObject,
	signal: AbortSignal
): Promise<number | undefined> {
	if (owner !== 'llamacpp') return undefined;
	try {
		const props = new URL(address.href.replace(/\/v1$/, '/props')).href;
		const body = parseBody(await bodyText(await client.get(props, { signal }).asResponse()));
		const settings = isJsonObject(body) ? body['default_generation_settings'] : undefined;
		return isJsonObject(settings) ? whole(settings['n_ctx']) : undefined;
	} catch (error) {
		if (error instanceof APIError || error instanceof BrokenReplyError) return undefined;
		throw error;
	}
}

function whole(value: Json | undefined): number | undefined {
	return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
