export interface Notice {
	readonly id: number;
	readonly tone: 'info' | 'warning' | 'error';
	readonly text: string;
	readonly action?: { readonly label: string; readonly run: () => void };
}

/** Things to tell the user, newest last, each until it is dismissed. */
export class Notices {
	#count = 0;
	list = $state.raw<readonly Notice[]>([]);

	add(notice: Omit<Notice, 'id'>): number {
		const id = ++this.#count;
		this.list = [...this.list.filter(({ text }) => text !== notice.text), { id, ...notice }];
		return id;
	}

	/** A failure, in words that the thrower chose; `doing` says what could not be done. */
	fail(doing: string, error: unknown): void {
		const reason = error instanceof Error ? error.message : String(error);
		this.add({ tone: 'error', text: `${doing}: ${reason}` });
	}

	dismiss(id: number): void {
		this.list = this.list.filter((notice) => notice.id !== id);
	}
}
