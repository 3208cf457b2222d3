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
		const { message, code } = error as NodeJS.ErrnoException;
		// How to write a value such as -5 is worth telling; other complaints go on about `--`, which npm users do not need.
		const isAboutValue = code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE';
		const complaint = isAboutValue ? message : message.split(/\.\s/)[0]!;
		throw new UsageError(`${complaint.replace(/\.?$/, '.')}\n\n${usage}`);
	}
}
