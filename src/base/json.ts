/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; a key that is absent reads as `undefined`. */
export interface JsonObject {
	readonly [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON text with a space after each comma and colon, keys in their own order. Chat templates write
 * objects this way (`tojson` follows Python's `json.dumps`), so models read and write this form.
 */
export function jsonText(value: Json): string {
	if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
	if (isJsonObject(value)) {
		const members = Object.entries(value).map(
			([key, member]) => `${JSON.stringify(key)}: ${jsonText(member)}`
		);
		return `{${members.join(', ')}}`;
	}
	return JSON.stringify(value);
}

/** JSON text without spaces, keys sorted at every depth: equal values give equal text. */
export function canonicalJson(value: Json): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (isJsonObject(value)) {
		const members = Object.keys(value)
			.sort()
			.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
		return `{${members.join(',')}}`;
	}
	return JSON.stringify(value);
}
