import { afterEach, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { PrivateFileModels } from '../../../src/models/wllama/private-file-models.ts';
import { tinyGguf } from '../fixtures/tiny-gguf.ts';

// A file of its own: the browser's limit holds for the whole origin.

const models = new PrivateFileModels();

async function setQuota(quotaSize?: number): Promise<void> {
	const session = cdp() as { send(method: string, parameters: object): Promise<unknown> };
	await session.send('Storage.overrideQuotaForOrigin', {
		origin: location.origin,
		...(quotaSize !== undefined && { quotaSize })
	});
}

afterEach(() => setQuota());

it('says that there is no room when it ends while a model is copied, and leaves nothing', async () => {
	const large = new File([tinyGguf(), new Uint8Array(60_000_000)], 'large.gguf');
	// Chromium does not tell of this limit, so it is met while copying.
	await setQuota(30_000_000);
	await expect(models.keep([large])).rejects.toMatchObject({
		name: 'ModelLoadError',
		message: expect.stringMatching(
			/no room for large: it needs 60\.4 MB, and the browser (has|does not give)/
		)
	});
	expect(await models.list()).toEqual([]);
	await setQuota();
	const { id } = await models.keep([large]);
	await models.delete(id);
});
