import type { Writable } from 'node:stream';

/** Control characters, and those that turn the direction of text, as escapes (`\u001b`); line breaks and tabs stay. */
export function visible(text: string): string;
/** As `visible`, with line breaks as escapes, too. */
export function visibleLine(text: string): string;
/** One line about what is being done, on stderr. */
export function say(text: string): void;
/** From here on `console` writes what is visible, whoever calls it. */
export function guardConsole(): void;
/** A stream that writes what is visible to another. */
export function guarded(stream: { write(text: string): unknown }): Writable;
