import { UsageError } from '../../scripts/flags.ts';
import { firstScenarios, RunConfigError, type ChosenScenarios } from '../run/config.ts';

/** As `firstScenarios`, for a command line. @throws {UsageError} if the split has none */
export function chosenScenarios(...choice: Parameters<typeof firstScenarios>): ChosenScenarios {
	try {
		return firstScenarios(...choice);
	} catch (error) {
		throw error instanceof RunConfigError ? new UsageError(error.message) : error;
	}
}
