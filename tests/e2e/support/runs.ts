import type { Page } from 'playwright-core';
import { createRunConfig, firstScenarios, type RunChoices } from '../../../src/run/config.ts';

/** Makes a run of the first scenarios of the train split through the page's door, and returns its id. */
export async function createRun(
	page: Page,
	{ scenarios, ...choices }: Omit<RunChoices, 'scenarios'> & { readonly scenarios: number }
): Promise<string> {
	const environment = await page.evaluate(() => globalThis.joshtree!.service.environment());
	const config = createRunConfig({
		...choices,
		...firstScenarios(environment, 'train', scenarios)
	});
	const record = await page.evaluate(
		(config) => globalThis.joshtree!.service.create(JSON.parse(config)),
		JSON.stringify(config)
	);
	return record.id;
}

/** Resolves when it is finished, paused or failed. */
export function startRun(page: Page, id: string, workers: number): Promise<void> {
	return page.evaluate(({ id, workers }) => globalThis.joshtree!.service.start(id, { workers }), {
		id,
		workers
	});
}

export function storedSteps(page: Page, id: string): Promise<number> {
	return page.evaluate(async (id) => (await globalThis.joshtree!.service.events(id)).length, id);
}

export async function statusOf(page: Page, id: string): Promise<string | undefined> {
	const runs = await page.evaluate(() => globalThis.joshtree!.service.list());
	return runs.find((run) => run.id === id)?.status;
}

/** The run's files but for the manifest, which knows when and which run it was: name → text. */
export async function exportedFiles(page: Page, id: string): Promise<Record<string, string>> {
	const files = await page.evaluate(async (id) => {
		const { files } = await globalThis.joshtree!.service.datasets.export(id);
		return Promise.all(files.map(async ({ name, content }) => [name, await content.text()] as const));
	}, id);
	return Object.fromEntries(files.filter(([name]) => name !== 'manifest.json'));
}
