/** Where the page lives. Another port would be another origin, and so another database. */
export const origin = { host: 'localhost', port: 4173, url: 'http://localhost:4173' } as const;

/** Threads in WASM need cross-origin isolation. */
const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
	'Cross-Origin-Resource-Policy': 'same-origin'
};

/** wllama starts its worker from a blob and compiles WASM; nothing else is exceptional. */
const contentSecurityPolicy = (reach: string) =>
	[
		"default-src 'self'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"img-src 'self' data:",
		`connect-src ${reach}`,
		"worker-src 'self' blob:",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'"
	].join('; ');

const production = (reach: string) => ({
	...isolation,
	'Content-Security-Policy': contentSecurityPolicy(reach),
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff'
});

/**
 * The folder of the workers that may leave the own origin, to download a model or to ask a server. Only `connected.html` refers to
 * them, and they hold nothing but an engine: what is stored stays with workers that cannot.
 */
export const connectedFolder = 'assets/connected/';

/** Vite's development client needs inline styles, so only isolation holds there. */
export const developmentHeaders = isolation;

/**
 * A worker fetched by URL takes the policy of its own response, so these go on every file.
 * @param path below the root, without a leading slash
 */
export function productionHeaders(path: string): Record<string, string> {
	return production(path.startsWith(connectedFolder) ? "'self' http: https:" : "'self'");
}
