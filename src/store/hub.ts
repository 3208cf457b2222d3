import { createRepo, HubApiError, uploadFilesWithProgress, whoAmI } from '@huggingface/hub';

/** Where a dataset goes on the Hugging Face Hub, and as whom. */
export interface HubTarget {
	/** `name` or `owner/name`; made if it is not there. */
	readonly repository: string;
	/** With the right to write; sent to the Hub and kept nowhere. */
	readonly token: string;
	/** Of a repository that is made. */
	readonly isPrivate: boolean;
	/** Another Hub than huggingface.co. */
	readonly address?: string;
}

export interface HubFile {
	readonly path: string;
	readonly content: Blob;
}

export interface HubUpload {
	readonly signal?: AbortSignal;
	/** Called with 0 to 1. */
	readonly onProgress?: (fraction: number) => void;
}

/** What the Hub refused, and what to do about it. */
export class HubError extends Error {
	override readonly name = 'HubError';
}

/**
 * Uploads files as one commit to a dataset repository.
 * @returns its address, for people
 * @throws {HubError}
 * @throws an `AbortError` after `signal` aborts; nothing is committed then
 */
export async function uploadToHub(
	files: readonly HubFile[],
	{ repository, token, isPrivate, address = 'https://huggingface.co' }: HubTarget,
	{ signal, onProgress }: HubUpload = {}
): Promise<string> {
	const hub = { hubUrl: address.replace(/\/+$/, ''), accessToken: token };
	try {
		const name = repository.includes('/') ? repository : `${await ownerOf(hub)}/${repository}`;
		if (!/^[\w.-]+\/[\w.-]+$/.test(name))
			throw new HubError(
				`"${repository}" is no name of a repository. Write one such as my-dataset or owner/my-dataset.`
			);
		const repo = { type: 'dataset', name } as const;
		await createRepo({ ...hub, repo, visibility: isPrivate ? 'private' : 'public' }).catch(
			(error: unknown) => {
				// There already: it gets another commit.
				if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
			}
		);
		signal?.throwIfAborted();
		const total = files.reduce((sum, { content }) => sum + content.size, 0) || 1;
		const sizes = new Map(files.map(({ path, content }) => [path, content.size]));
		const done = new Map<string, number>();
		const commit = uploadFilesWithProgress({
			...hub,
			repo,
			files: [...files],
			commitTitle: 'Upload a dataset from Joshtree',
			// The older way of uploading, which every Hub knows.
			useXet: false,
			...(signal && { abortSignal: signal })
		});
		for await (const event of commit) {
			if (event.event !== 'fileProgress' || event.state !== 'uploading') continue;
			done.set(event.path, event.progress * (sizes.get(event.path) ?? 0));
			onProgress?.(Math.min(1, [...done.values()].reduce((sum, bytes) => sum + bytes, 0) / total));
		}
		onProgress?.(1);
		return `${hub.hubUrl}/datasets/${name}`;
	} catch (error) {
		throw signal?.aborted
			? new DOMException('The upload was cancelled.', 'AbortError')
			: hubError(error, hub.hubUrl);
	}
}

/** Whose token it is. */
async function ownerOf(hub: { readonly hubUrl: string; readonly accessToken: string }): Promise<string> {
	const { name } = (await whoAmI(hub)) as { readonly name?: unknown };
	if (typeof name === 'string' && name !== '') return name;
	throw new HubError(
		`${hub.hubUrl} does not say whose token this is. Write the repository as owner/my-dataset.`
	);
}

/** Browsers and Node each have their words for it, and use the class for mistakes in a program, too. */
const unreachable = /failed to fetch|fetch failed|network|load failed/i;

function hubError(error: unknown, address: string): Error {
	if (error instanceof HubError) return error;
	if (error instanceof HubApiError) {
		const advice =
			error.statusCode === 401
				? 'The token is not valid. Make one with the right to write on the Hub, under Settings, Access Tokens.'
				: error.statusCode === 403
					? 'The token may not write there. Make one with the right to write, or choose another owner.'
					: error.message;
		return new HubError(`${address} refused the upload (${error.statusCode}). ${advice}`, { cause: error });
	}
	if (error instanceof TypeError && unreachable.test(error.message))
		return new HubError(`${address} could not be reached: ${error.message}. Are you offline?`, {
			cause: error
		});
	return new HubError(
		`The upload to ${address} failed: ${error instanceof Error ? error.message : String(error)}`,
		{
			cause: error
		}
	);
}

/** All files of a folder, by path. */
export async function filesIn(folder: FileSystemDirectoryHandle, prefix = ''): Promise<HubFile[]> {
	const found: HubFile[] = [];
	const entries = (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
	for await (const handle of entries) {
		const path = `${prefix}${handle.name}`;
		if (handle.kind === 'directory')
			found.push(...(await filesIn(handle as FileSystemDirectoryHandle, `${path}/`)));
		else found.push({ path, content: await (handle as FileSystemFileHandle).getFile() });
	}
	return found;
}
