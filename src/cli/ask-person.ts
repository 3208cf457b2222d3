import { createInterface } from 'node:readline/promises';
import { visible } from '../../scripts/say.js';
import type { AskPerson } from '../talk/users/user-part.ts';

/** Asks the person at the terminal, one question at a time. */
export const askInTerminal: AskPerson = (scenario, transcript, signal) => {
	const asked = asking.then(() => ask(scenario, transcript, signal));
	asking = asked.catch(() => undefined);
	return asked;
};

let asking: Promise<unknown> = Promise.resolve();

const ask: AskPerson = async ({ id, userGoals }, transcript, signal) => {
	const said = transcript.filter(({ seenBy }) => seenBy !== 'agent');
	const lines = said.map(({ role, content }) => `${role === 'user' ? 'you  ' : 'agent'}: ${content}`);
	console.error(['', `scenario ${id}: ${userGoals.join(' ')}`, ...lines].join('\n'));
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	try {
		return await terminal.question(visible('you  : '), { ...(signal && { signal }) });
	} finally {
		terminal.close();
	}
};
