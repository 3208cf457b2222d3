/** How often the agent does what a language model gets wrong; each is a probability at the place where it can happen. */
export interface Noise {
	/** Searches before it knows all it could ask for. */
	readonly searchAtOnce: number;
	/** Leaves a slot out of a search. */
	readonly dropSlot: number;
	/** Searches or books with another value. */
	readonly wrongValue: number;
	/** Says that nothing fits without having searched. */
	readonly claimNone: number;
	/** Books details that the user never named. */
	readonly guess: number;
	/** Calls without details that the user never named, which the desk refuses. */
	readonly callTooEarly: number;
	/** Confirms a booking that it never made. */
	readonly claimBooked: number;
	/** Calls with a name or id that is a little off. A refused booking it repeats at once, with the right one. */
	readonly misname: number;
	/** Asks for what it was told. */
	readonly askAgain: number;
	/** Overlooks that it was asked to book. */
	readonly overlook: number;
}

export const usualNoise: Noise = {
	searchAtOnce: 0.7,
	dropSlot: 0.2,
	wrongValue: 0.14,
	claimNone: 0.1,
	guess: 0.15,
	callTooEarly: 0.05,
	claimBooked: 0.24,
	misname: 0.05,
	askAgain: 0.03,
	overlook: 0.05
};

/** Mistakes come together: one agent is careful, another careless. How soon it searches is no mistake and stays. */
export function scaledNoise(noise: Noise, carelessness: number): Noise {
	const scaled = (rate: number): number => Math.min(1, rate * carelessness);
	return {
		searchAtOnce: noise.searchAtOnce,
		dropSlot: scaled(noise.dropSlot),
		wrongValue: scaled(noise.wrongValue),
		claimNone: scaled(noise.claimNone),
		guess: scaled(noise.guess),
		callTooEarly: scaled(noise.callTooEarly),
		claimBooked: scaled(noise.claimBooked),
		misname: scaled(noise.misname),
		askAgain: scaled(noise.askAgain),
		overlook: scaled(noise.overlook)
	};
}
