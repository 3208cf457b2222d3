/**
 * Whether a kind of request has ever been answered. What a server refuses before that, it would refuse of all the others, too; after
 * that, a refusal is about one request.
 */
export class FirstAnswer {
	#came = false;
	readonly #underWay = new Set<Promise<unknown>>();

	/** Takes note of a request and what comes of it. */
	async of<Answer>(request: Promise<Answer>): Promise<Answer> {
		this.#underWay.add(request);
		try {
			const answer = await request;
			this.#came = true;
			return answer;
		} finally {
			this.#underWay.delete(request);
		}
	}

	/** Whether it came. Waits for those that are under way, unless one of them is the first. */
	async came(): Promise<boolean> {
		while (!this.#came && this.#underWay.size > 0) await Promise.race(this.#underWay).catch(() => undefined);
		return this.#came;
	}
}
