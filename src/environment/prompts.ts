import type { EnvironmentPrompts } from './environment.ts';

/** The user simulator's system message for a scenario: its goals, one a line, and the words that end the conversation. */
export function writeUserPrompt(prompts: EnvironmentPrompts, userGoals: readonly string[]): string {
	return prompts.user
		.replaceAll('{{goals}}', () => userGoals.join('\n'))
		.replaceAll('{{stop}}', () => prompts.stop);
}
