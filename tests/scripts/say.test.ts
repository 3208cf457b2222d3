import { Console } from 'node:console';
import { describe, expect, it } from 'vitest';
import { guarded, visible, visibleLine } from '../../scripts/say.js';
import { StatusLine } from '../../src/cli/status-line.ts';

const hostile = '\x1b[2J\x07 \x9b31m\x85 a\r\nb\rc \u202Ed\u2069 \x00\x7f';
const shown = String.raw`\u001b[2J\u0007 \u009b31m\u0085 a\u000d\u000ab\u000dc \u202ed\u2069 \u0000\u007f`;

describe('visible', () => {
	it('shows control characters as escapes, and leaves everything else', () => {
		expect(visible(hostile)).toBe(shown);
		const plain = 'é 漢 😀 “$&”\n\ttwo\u00a0lines\u2028';
		expect(visible(plain)).toBe(plain);
	});

	it('keeps line breaks unless a line is wanted', () => {
		expect(visible('a\nb')).toBe('a\nb');
		expect(visibleLine('a\nb\tc')).toBe('a\\u000ab\tc');
	});
});

it('what goes to the console is visible, and out at once', () => {
	const written: string[] = [];
	const stream = guarded({ write: (text) => written.push(text) });
	const guardedConsole = new Console({ stdout: stream, stderr: stream });
	guardedConsole.log(hostile);
	guardedConsole.warn('a\nb');
	guardedConsole.error(Buffer.from('x').toString(), { name: '\x1b' });
	expect(written.slice(0, 2)).toEqual([`${shown}\n`, 'a\nb\n']);
	expect(written.join('')).not.toContain('\x1b');
});

it('a status line moves the cursor itself, and shows it of others', () => {
	const written: string[] = [];
	const screen = { isTTY: true, columns: 300, write: (text: string) => written.push(text) };
	const line = new StatusLine(screen, () => hostile);
	line.show();
	line.note(`${hostile}\n`);
	expect(written).toEqual([`\r\x1b[K${shown}`, `\r\x1b[K${shown}\\u000a\n`]);
});
