import { writeJson, type JsonRecord } from '../base/json.ts';

/** Line ends to some readers, though JSON allows them inside strings. */
const otherLineEnds = /[\u0085\u2028\u2029]/g;

/** One record of a JSON Lines file, its LF included; keys stay in their order. Equal records give equal bytes everywhere. */
export function jsonLine(record: JsonRecord): string {
	const text = writeJson(record).replace(
		otherLineEnds,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
	);
	return `${text}\n`;
}
