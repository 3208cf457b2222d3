/** Whether the browser may discard what is stored, and how much that is. */
export class StorageStatus {
	persistence = $state<'unasked' | 'granted' | 'refused' | 'unknown'>('unasked');
	/** Bytes. */
	usage = $state<number>();
	quota = $state<number>();

	async refresh(): Promise<void> {
		const { usage, quota } = (await orNothing(() => navigator.storage?.estimate?.())) ?? {};
		this.usage = usage;
		this.quota = quota;
		if (await orNothing(() => navigator.storage?.persisted?.())) this.persistence = 'granted';
	}

	/** Some browsers ask the user, so call this from a click. */
	async ask(): Promise<void> {
		if (this.persistence === 'granted') return;
		const granted = await orNothing(() => navigator.storage?.persist?.());
		this.persistence = granted === undefined ? 'unknown' : granted ? 'granted' : 'refused';
		await this.refresh();
	}
}

/** A browser that does not answer, or refuses to, says nothing. */
async function orNothing<Answer>(ask: () => Promise<Answer> | undefined): Promise<Answer | undefined> {
	try {
		return await ask();
	} catch {
		return undefined;
	}
}
