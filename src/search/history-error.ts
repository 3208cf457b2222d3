/** Stored events that do not fit: another scenario's, out of order, damaged, or of another environment. */
export class HistoryError extends Error {
	override readonly name = 'HistoryError';

	/** @param n number of the event at fault */
	constructor(scenario: string, n: number, problem: string) {
		super(`scenario ${scenario}, event ${n}: ${problem}`);
	}
}
