/** Where the page lives. Another port would be another origin, and so another database. */
export const origin = { host: 'localhost', port: 4173, url: 'http://localhost:4173' } as const;

/** Threads in WASM need cross-origin isolation. */
const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
	'Cross-Origin-Resource-Policy': 'same-origin'
};

/** Own origin only. wllama starts its worker from a blob and compiles WASM; nothing else is exceptional. */
const contentSecurityPolicy = [
	"default-src 'self'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"worker-src 'self' blob:",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'"
].join('; ');

/** A worker fetched by URL takes the policy of its own response, so these go on every file. */
export const responseHeaders = {
	/** Vite's development client needs inline styles, so only isolation holds here. */
	development: isolation,
	production: {
		...isolation,
		'Content-Security-Policy': contentSecurityPolicy,
		'Referrer-Policy': 'no-referrer',
		'X-Content-Type-Options': 'nosniff'
	}
};
