import { parseJsonAsWritten } from '../base/json-read.ts';
import type { JsonSource } from '../base/json.ts';
import { ChatFormatError, isList, isRecord } from './read-message.ts';
import { isConversation, readRecord, type RecordReading } from './read-record.ts';

/** Where a record stands in its file. */
export interface RecordPlace {
	/** Of a list over several lines, the first. From 1. */
	readonly line: number;
	/** In the list that begins there; from 1. */
	readonly item?: number;
}

/** A conversation from a file. */
export interface ReadConversation extends RecordPlace, RecordReading {}

/** Why there is none at a place. */
export interface ReadProblem extends RecordPlace {
	readonly reason: string;
}

/**
 * The conversations of a file: JSON Lines, one JSON value over many lines, or a list of records in either; a list may be the one member of an
 * object. `readRecord` says which records there are. Empty lines do not count; a record that cannot be read does not keep the others
 * from being read.
 */
export function readChatLines(text: string): {
	readonly conversations: readonly ReadConversation[];
	readonly problems: readonly ReadProblem[];
} {
	const conversations: ReadConversation[] = [];
	const problems: ReadProblem[] = [];
	const attempt = (place: RecordPlace, read: () => void) => {
		try {
			read();
		} catch (error) {
			problems.push({ ...place, reason: error instanceof Error ? error.message : String(error) });
		}
	};
	for (const { line, text: one } of valuesIn(text)) {
		attempt({ line }, () => {
			const value = parseJsonAsWritten(one);
			const items = itemsIn(value);
			if (!items) return void conversations.push({ line, ...readRecord(value) });
			for (const [index, item] of items.entries()) {
				const place = { line, item: index + 1 };
				attempt(place, () => conversations.push({ ...place, ...readRecord(item) }));
			}
		});
	}
	return { conversations, problems };
}

/** The lines; or all of them as one, where that is a value, or most are none by themselves. */
function valuesIn(text: string): { readonly line: number; readonly text: string }[] {
	const lines = text
		.replace(/^\ufeff/, '')
		.split('\n')
		.map((one, index) => ({ line: index + 1, text: one }))
		.filter((one) => one.text.trim() !== '');
	const [first] = lines;
	if (!first || lines.length === 1 || !/^\s*[[{]/.test(first.text)) return lines;
	const whole = { line: first.line, text: lines.map((one) => one.text).join('\n') };
	if (isRecordText(whole.text)) return [whole];
	return lines.filter((one) => isRecordText(one.text)).length * 2 >= lines.length ? lines : [whole];
}

function isRecordText(text: string): boolean {
	if (!/^\s*[[{]/.test(text)) return false;
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/** The records in a list of them, or in the one list of records that an object holds; `undefined` for what is a record itself. */
function itemsIn(value: JsonSource): readonly JsonSource[] | undefined {
	if (isList(value)) return isConversation(value) ? undefined : value;
	if (!isRecord(value)) return undefined;
	const [only, ...more] = Object.values(value).filter(isList);
	return only && more.length === 0 && !isConversation(only) && only.some(isReadable) ? only : undefined;
}

function isReadable(record: JsonSource): boolean {
	try {
		readRecord(record);
		return true;
	} catch (error) {
		if (error instanceof ChatFormatError) return false;
		throw error;
	}
}
