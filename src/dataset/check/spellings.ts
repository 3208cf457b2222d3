import { jsonText, type Json } from '../../base/json.ts';
import { pythonNumber } from './python-number.ts';
import { numberSpellings } from './template-numbers.ts';

/** How chat templates spell a value at the bottom of a conversation: as it is, as JSON, as Python prints it, or as XML. */
export function spellings(value: Json): readonly string[] {
	if (typeof value === 'string') {
		const numbers = numberSpellings(value);
		return numbers.length > 0 ? numbers : textSpellings(value);
	}
	if (value === null) return ['null', 'None'];
	if (value === true) return ['true', 'True'];
	if (value === false) return ['false', 'False'];
	const json = jsonText(value);
	return [...new Set([pythonNumber(json), json])];
}

function textSpellings(text: string): readonly string[] {
	const json = JSON.stringify(text).slice(1, -1);
	// Most texts have nothing that needs another spelling, and there are many.
	if (json === text && plain.test(text)) return [text];
	const ascii = inAscii(json);
	const repr = inPython(text);
	const written = [
		text,
		json,
		ascii,
		// Jinja's own `tojson`, which writes for HTML.
		escaped(json, htmlJsonEscapes),
		escaped(ascii, htmlJsonEscapes),
		repr,
		repr.replaceAll("'", "\\'")
	];
	const xml = written.map((one) => escaped(one, xmlEscapes));
	const quoted = quotes.flatMap((escapes) => xml.map((one) => escaped(one, escapes)));
	return [...new Set([...written, ...xml, ...quoted])];
}

const plain = /^[^<>&'\x7f-\uffff]*$/;

const htmlJsonEscapes = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', "'": '\\u0027' };
const xmlEscapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** By Python's `html.escape`, by Jinja's `escape`, and by their names. */
const quotes = [
	{ '"': '&quot;', "'": '&#x27;' },
	{ '"': '&#34;', "'": '&#39;' },
	{ '"': '&quot;', "'": '&apos;' }
];

function escaped(text: string, escapes: Readonly<Record<string, string>>): string {
	return text.replace(/[<>&'"]/g, (char) => escapes[char] ?? char);
}

/** As `json.dumps` does unless it is told otherwise. */
function inAscii(json: string): string {
	return json.replace(/[\x7f-\uffff]/g, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Between the quotes of `repr`, but for quotes in it. */
function inPython(text: string): string {
	return text.replace(/[\\\n\r\t]|(?! )[\p{C}\p{Z}]/gu, (char) => {
		const code = char.codePointAt(0)!;
		const digits = code < 0x100 ? 2 : code < 0x10000 ? 4 : 8;
		return named[char] ?? `\\${{ 2: 'x', 4: 'u', 8: 'U' }[digits]}${hex(code, digits)}`;
	});
}

function hex(code: number, digits: number): string {
	return code.toString(16).padStart(digits, '0');
}
