/** One line about what is being done, on stderr, so that stdout stays for results. */
export function say(text) {
	process.stderr.write(`joshtree: ${text}\n`);
}
