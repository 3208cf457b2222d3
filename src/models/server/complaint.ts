import { APIError } from 'openai';
import { isJsonObject, jsonText, type Json, type JsonObject } from '../../base/json.ts';

/**
 * What a server complains of in a body that it sent as if all were well, or `undefined`. A status that it names counts as the
 * reply's.
 */
export function complaintIn(body: Json): APIError | undefined {
	if (!isJsonObject(body)) return undefined;
	const hasReply = Array.isArray(body['choices']) && body['choices'].length > 0;
	const { error: said, detail, message } = body;
	const isAlone = isSaid(detail) || (typeof message === 'string' && message !== '');
	if (!isSaid(said) && (hasReply || !isAlone)) return undefined;
	const error = errorIn(body);
	return new APIError(statusIn(error) ?? statusIn(body), error, undefined, undefined);
}

/** The error in a body, in the form in which the client reads it. Servers leave out one or both of its levels. */
export function errorIn(body: Json): JsonObject {
	if (!isJsonObject(body)) return { message: typeof body === 'string' ? body : jsonText(body) };
	const error = [body['error'], body['detail']].find(isSaid) ?? body;
	if (typeof error === 'string') return { message: error };
	if (!isJsonObject(error) || typeof error['message'] !== 'string')
		return { ...body, message: jsonText(error) };
	// OpenRouter says which provider failed and keeps its words here.
	const { metadata } = error;
	const raw = isJsonObject(metadata) && typeof metadata['raw'] === 'string' ? ` ${metadata['raw']}` : '';
	return { ...error, message: error['message'] + raw };
}

/** Servers that have nothing to complain of may say so: `"error": null`, `""`, `{}`. */
function isSaid(value: Json | undefined): value is Json {
	if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
	return typeof value === 'string' && value !== '';
}

/** A status of HTTP, which some send as text, or the one that a type of error stands for. */
function statusIn({ code, status, status_code, type }: JsonObject): number | undefined {
	const named = [code, status, status_code]
		.map(Number)
		.find((one) => Number.isInteger(one) && one >= 400 && one < 600);
	if (named !== undefined) return named;
	return [type, code].some((one) => typeof one === 'string' && /invalid_?request|bad_?request/i.test(one))
		? 400
		: undefined;
}
