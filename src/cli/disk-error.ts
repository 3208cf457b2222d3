/**
 * Names the file or folder with which `work` fails: Node's message does so only where it is opened, not where the disk is full.
 * @param advice what to do when there is no room; none if the caller says it
 */
export async function naming<Result>(
	path: string,
	work: () => Promise<Result>,
	advice = 'Free some space on its disk, and run the same command again.'
): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		const { code, syscall, message } = error as NodeJS.ErrnoException;
		// Only what the system says; what a reader of the content throws is about something else.
		if (code === undefined || syscall === undefined) throw error;
		const isFull = code === 'ENOSPC' || code === 'EDQUOT';
		const text = [`${path} cannot be written: ${message}`, ...(isFull && advice !== '' ? [advice] : [])].join(
			'. '
		);
		throw Object.assign(new Error(text, { cause: error }), { code });
	}
}
