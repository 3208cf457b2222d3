/*
 * What commands write to a terminal. Names of models, words of servers, files and packs come from others, and a terminal obeys what
 * it is sent: everything goes through `visible`.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';

/** Control characters but line breaks and tabs, and those that turn the direction of text. A break with a CR is nobody's layout. */
// eslint-disable-next-line no-control-regex
const hidden = /\r\n|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

export function visible(text) {
	return text.replace(hidden, escaped);
}

export function visibleLine(text) {
	return visible(text).replaceAll('\n', escaped);
}

function escaped(characters) {
	return Array.from(characters, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

/** One line about what is being done, on stderr, so that stdout stays for results. */
export function say(text) {
	process.stderr.write(`joshtree: ${visible(text)}\n`);
}

/** From here on `console` writes what is visible, whoever calls it. */
export function guardConsole() {
	globalThis.console = new Console({ stdout: guarded(process.stdout), stderr: guarded(process.stderr) });
}

/** Passes text on at once: what waits in a stream is lost when the process ends. */
export function guarded(stream) {
	return new Writable({
		decodeStrings: false,
		write(text, _encoding, done) {
			stream.write(visible(String(text)));
			done();
		}
	});
}
