/** The exit code of a command that was asked to stop. */
export const interrupted = 130;

/**
 * Lets `work` end by itself when the process is asked to stop: its signal aborts. A second request ends it at once.
 *
 * @param onAsked called before the signal aborts
 */
export async function interruptible<Result>(
	onAsked: () => void,
	work: (signal: AbortSignal) => Promise<Result>
): Promise<Result> {
	const stop = new AbortController();
	const onSignal = () => {
		if (stop.signal.aborted) process.exit(interrupted);
		onAsked();
		stop.abort();
	};
	process.on('SIGINT', onSignal);
	process.on('SIGTERM', onSignal);
	try {
		return await work(stop.signal);
	} finally {
		process.off('SIGINT', onSignal);
		process.off('SIGTERM', onSignal);
	}
}

/** What to type to go on with a command. */
export function howToContinue(command: string, args: readonly string[]): string {
	return `The same command continues it: npm run ${command}${args.length > 0 ? ` -- ${args.join(' ')}` : ''}`;
}
