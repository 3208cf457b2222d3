/** One line about what is being done, on stderr. */
export function say(text: string): void;
