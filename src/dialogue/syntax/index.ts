import type { ToolCall } from '../message.ts';
import { argKeys } from './arg-keys.ts';
import { functionXml } from './function-xml.ts';
import { gemma } from './gemma.ts';
import { harmonyMarkers } from './harmony.ts';
import { hermesJson } from './hermes-json.ts';
import { invokeXml } from './invoke-xml.ts';
import { kimiK3 } from './kimi-k3.ts';
import { namedJson } from './named-json.ts';
import { pythonic, writePythonic } from './pythonic.ts';
import type { CallSyntax } from './syntax.ts';
import { taggedJson } from './tagged-json.ts';
import { frameMarkers } from './thoughts.ts';

/** Every syntax that is read wherever its opener stands. Of those that share one, the first that makes something of it counts. */
export const syntaxes: readonly CallSyntax[] = [
	...functionXml,
	...argKeys,
	hermesJson,
	...taggedJson,
	...pythonic,
	...gemma,
	...invokeXml,
	...namedJson,
	kimiK3,
	{
		id: 'pythonic',
		label: 'ToolACE, watt-tool, Gemma 3 and Llama 3.2 by BFCL prompt',
		openers: [],
		markers: [],
		read: () => undefined,
		write: writePythonic
	}
];

/** All control tokens that an engine must keep in a reply, so that calls and thoughts can be told from words. */
export const replyMarkers: readonly string[] = [
	...new Set([...syntaxes.flatMap(({ markers }) => markers), ...frameMarkers, ...harmonyMarkers])
];

/** @throws {RangeError} if there is none of that name */
export function syntaxNamed(id: string): CallSyntax {
	const found = syntaxes.find((syntax) => syntax.id === id);
	if (!found) throw new RangeError(`there is no syntax ${id}`);
	return found;
}

/** Calls as the models of that syntax write them; `undefined` if there is no such writer. */
export function writeCalls(id: string, calls: readonly ToolCall[]): string | undefined {
	return syntaxes.find((syntax) => syntax.id === id)?.write?.(calls);
}

export { openedBy } from './thoughts.ts';
