import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Something wrong with how a command was called. The exit code is 2, as is usual. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** `node:util`'s parser, strict, with the usage behind its complaint. */
export function readFlags<const Flags extends Options>(
	args: readonly string[],
	options: Flags,
	usage: string
) {
	return parse({ args: [...args], options, strict: true, allowPositionals: false }, usage).values;
}

/** As `readFlags`, for commands that take more than flags. */
export function readArguments<const Flags extends Options>(
	args: readonly string[],
	options: Flags,
	usage: string
) {
	return parse({ args: [...args], options, strict: true, allowPositionals: true }, usage);
}

function parse<const Config extends ParseArgsConfig>(config: Config, usage: string) {
	try {
		return parseArgs(config);
	} catch (error) {
		// The first sentence names the flag; the rest is about `--`, which npm users do not need.
		const [complaint = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
		throw new UsageError(`${complaint}.\n\n${usage}`);
	}
}
