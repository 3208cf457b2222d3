import { ContextOverflowError } from '../language-model.ts';
import { abortError, unlessAborted } from '../../base/abort.ts';
import { BrokenReplyError, type Fault } from './faults.ts';
import { pauseAfter, wait } from './pauses.ts';
import type { ServerLimits } from './settings.ts';

/** It failed for good, or often enough. */
export class GivenUp extends Error {
	override readonly name = 'GivenUp';
	/** Of the last try. */
	readonly fault: Fault;

	constructor(fault: Fault) {
		super(fault.error.message);
		this.fault = fault;
	}
}

/**
 * Tries until it succeeds, fails for good, or has failed often enough, with pauses in between.
 * @param once gets a signal that ends this try
 * @throws {GivenUp} and an `AbortError` once `signal` aborts
 */
export async function withRetry<Result>(
	once: (signal: AbortSignal) => Promise<Result>,
	limits: ServerLimits,
	signal: AbortSignal,
	understand: (error: unknown) => Fault
): Promise<Result> {
	for (let tries = 1; ; tries++) {
		const clock = AbortSignal.timeout(limits.timeLimit);
		let fault: Fault;
		try {
			return await unlessAborted(once(AbortSignal.any([signal, clock])), clock);
		} catch (error) {
			if (signal.aborted) throw abortError();
			if (error instanceof ContextOverflowError) throw error;
			const late = `no reply within ${limits.timeLimit / 1000} seconds`;
			fault = understand(clock.aborted ? new BrokenReplyError(late) : error);
		}
		if (!fault.passing || tries >= limits.tries) throw new GivenUp(fault);
		await wait(pauseAfter(tries, limits, fault.pause, Math.random()), signal);
	}
}
