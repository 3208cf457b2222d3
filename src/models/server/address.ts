import { ModelLoadError } from '../language-model.ts';

/**
 * The base address of an API from what a user typed: `localhost:8000` becomes `http://localhost:8000/v1`.
 * @throws {ModelLoadError} that says what to type
 */
export function serverAddress(typed: string): URL {
	const text = typed.trim();
	const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
	const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
	if (!url || text === '' || !/^https?:$/.test(url.protocol)) {
		throw new ModelLoadError(
			`"${typed}" is not the address of a server. Type one such as http://localhost:8000/v1.`
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new ModelLoadError('The address holds a user name or password. Give the key by itself instead.');
	}
	// What is pasted is often the address of one of the API's methods.
	url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|completions|models)$/, '');
	if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1';
	url.search = '';
	url.hash = '';
	return url;
}

/** Whether what is sent there leaves this machine. */
export function leavesMachine({ hostname }: URL): boolean {
	return !(
		hostname === 'localhost' ||
		hostname.endsWith('.localhost') ||
		hostname === '[::1]' ||
		/^127(\.\d+){3}$/.test(hostname)
	);
}

/**
 * What the user who starts a run with these servers must be told, or `undefined` if all stays on this machine.
 */
export function leavingNotice(servers: readonly URL[]): string | undefined {
	const away = [...new Set(servers.filter(leavesMachine).map(({ origin }) => origin))];
	if (away.length === 0) return undefined;
	return `Text leaves this machine: all that agent and user simulator say, and the tools' results, are sent to ${away.join(' and ')}.`;
}
