import { afterEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { DatasetExport } from '../../src/app/dataset/dataset-export.svelte.ts';
import DatasetPanel from '../../src/app/dataset/DatasetPanel.svelte';
import type { DatasetChoices, DatasetOutcome, DatasetService } from '../../src/run/dataset-service.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { HubTarget } from '../../src/store/hub.ts';
import { sound } from '../dataset/check-templates.ts';
import { deskConfig, deskService } from '../run/desk-run.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { unzipped } from '../store/unzipped.ts';

const root = await navigator.storage.getDirectory();

afterEach(async () => {
	vi.unstubAllGlobals();
	const names = (root as unknown as { keys(): AsyncIterable<string> }).keys();
	for await (const name of names) await root.removeEntry(name, { recursive: true });
});

type Service = Pick<DatasetService, 'checkDataset' | 'exportDataset'>;

const template = { kind: 'files', name: 'Sound', files: { 'chat_template.jinja': sound } } as const;

/** A finished run and a service that tells what it was asked for. */
async function finishedRun() {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await service.create(deskConfig());
	await service.start(id, { workers: 1 });
	const asked: DatasetChoices[] = [];
	const withTarget = (choices: DatasetChoices) => {
		asked.push(choices);
		return { target: template, ...choices };
	};
	const watched: Service = {
		checkDataset: (run, choices, ...watch) =>
			service.datasets.checkDataset(run, withTarget(choices), ...watch),
		exportDataset: (run, choices, target, ...watch) =>
			service.datasets.exportDataset(run, withTarget(choices), target, ...watch)
	};
	return { id, service: watched, asked };
}

async function panel(props: Partial<{ empty: boolean; service: Service; uploadFolder: Upload }> = {}) {
	const run = await finishedRun();
	const { service = run.service, empty = false, uploadFolder } = props;
	const dataset = new DatasetExport(service, run.id, 'joshtree-x');
	const screen = await render(DatasetPanel, { dataset, empty, scenarios: 5, uploadFolder });
	return { ...run, dataset, screen };
}

type Upload = (
	folder: FileSystemDirectoryHandle,
	target: HubTarget,
	onProgress: (fraction: number) => void
) => Promise<string>;

test('rows are checked, and what was found is told with the commands to train', async () => {
	const { screen } = await panel();
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	await expect.element(screen.getByText(/examples looked at with the template of Sound/)).toBeVisible();
	await expect.element(screen.getByRole('row', { name: /^KTO \d/ })).toBeVisible();
	await screen.getByText('Commands to train with it').click();
	await expect.element(screen.getByText(/^trl kto/)).toBeVisible();
	await expect.element(screen.getByText(/good and \d+ bad KTO rows/).first()).toBeVisible();
});

test('thoughts are left out unless they are asked for', async () => {
	const { screen, asked } = await panel();
	const check = () => screen.getByRole('button', { name: 'Check the rows' }).click();
	await check();
	await screen.getByLabelText('What the agent thought').selectOptions('thinking');
	await expect.poll(() => asked.length).toBe(1);
	await expect.element(screen.getByRole('button', { name: 'Check the rows' })).toBeEnabled();
	await check();
	await expect.poll(() => asked.map(({ thoughts }) => thoughts)).toEqual([undefined, 'thinking']);
});

test('formats and rows are chosen', async () => {
	const { screen, asked } = await panel();
	const format = (trainer: string, label: RegExp) =>
		screen.getByRole('group', { name: trainer, exact: true }).getByRole('checkbox', { name: label });
	for (const label of [/golden paths/, /siblings part/, /good messages, one by one/, /pairs of conv/])
		await format('TRL', label).click();
	await format('OpenAI', /golden paths/).click();
	await screen.getByText('Which rows').click();
	await screen.getByLabelText('Reward at least').fill('0.5');
	await screen.getByLabelText('Order of the rows').selectOptions('as harvested');
	// Out of range: it stays as it was.
	await screen.getByLabelText('Held back for testing').fill('7');
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	await expect.element(screen.getByText(/examples looked at/)).toBeVisible();
	expect(asked).toHaveLength(1);
	expect(asked[0]!.formats.toSorted()).toEqual(['openai-sft/1', 'trl-kto/1']);
	expect(asked[0]!.curation).toMatchObject({ minReward: 0.5, order: 'as harvested', testShare: 0.1 });
	await format('TRL', /bad messages/).click();
	await format('OpenAI', /golden paths/).click();
	await expect.element(screen.getByText('Choose at least one format.')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Check the rows' })).toBeDisabled();
});

test('a dataset is saved where the user says, as an archive or into a new folder', async () => {
	const file = await root.getFileHandle('picked.zip', { create: true });
	vi.stubGlobal('showSaveFilePicker', async () => file);
	vi.stubGlobal('showDirectoryPicker', async () => root);
	const { screen } = await panel();
	await screen.getByRole('button', { name: 'Save as one archive …' }).click();
	await expect.element(screen.getByText('Written as picked.zip.')).toBeVisible();
	const texts = await unzipped(await file.getFile());
	expect([...texts.keys()]).toEqual(expect.arrayContaining(['README.md', 'run/run.json']));
	for (const name of ['joshtree-x', 'joshtree-x-2']) {
		await screen.getByRole('button', { name: 'Save into a folder …' }).click();
		await expect
			.element(screen.getByText(`Written to the folder ${name} in `, { exact: false }))
			.toBeVisible();
		const folder = await root.getDirectoryHandle(name);
		expect((await (await folder.getFileHandle('README.md')).getFile()).size).toBeGreaterThan(100);
	}
});

test('a folder that could not be filled is not left behind', async () => {
	const parent = await root.getDirectoryHandle('parent', { create: true });
	vi.stubGlobal('showDirectoryPicker', async () => parent);
	const full: Service = {
		checkDataset: () => Promise.reject(new Error('not asked')),
		exportDataset: async (_id, _choices, target) => {
			await (target as FileSystemDirectoryHandle).getFileHandle('README.md', { create: true });
			throw new Error('There is no room left');
		}
	};
	const { screen } = await panel({ service: full });
	await screen.getByRole('button', { name: 'Save into a folder …' }).click();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('There is no room left');
	for await (const name of (parent as unknown as { keys(): AsyncIterable<string> }).keys())
		expect.fail(`${name} is left`);
});

test('without a picker an archive goes to the downloads; who changes their mind gets nothing', async () => {
	const { screen, asked } = await panel();
	vi.stubGlobal('showSaveFilePicker', () => Promise.reject(new DOMException('no', 'AbortError')));
	await screen.getByRole('button', { name: 'Save as one archive …' }).click();
	expect(asked).toEqual([]);
	vi.stubGlobal('showSaveFilePicker', undefined);
	const saved: string[] = [];
	const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
		this: HTMLAnchorElement
	) {
		saved.push(this.download);
	});
	await screen.getByRole('button', { name: 'Save as one archive …' }).click();
	await vi.waitFor(() => expect(saved).toEqual(['joshtree-x.zip']));
	click.mockRestore();
});

test('what goes wrong is said, and cancelling is not', async () => {
	let fail: (error: Error) => void = () => undefined;
	const hanging = (signal?: AbortSignal) =>
		new Promise<DatasetOutcome>((_resolve, reject) => {
			fail = reject;
			signal?.addEventListener('abort', () => reject(new DOMException('over', 'AbortError')));
		});
	const service: Service = {
		checkDataset: (_id, _choices, _onProgress, signal) => hanging(signal),
		exportDataset: (_id, _choices, _target, _onProgress, signal) => hanging(signal)
	};
	const { screen } = await panel({ service });
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	await screen.getByRole('button', { name: 'Cancel' }).click();
	await expect.element(screen.getByRole('button', { name: 'Check the rows' })).toBeEnabled();
	expect(screen.getByRole('alert').elements()).toEqual([]);
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	fail(new Error('The browser has no room left.'));
	await expect.element(screen.getByRole('alert')).toHaveTextContent('The browser has no room left.');
});

test('a model to check for is taken from its files', async () => {
	const { screen, asked } = await panel();
	await screen.getByText('Checked for: the embedded model').click();
	const files = [new File([sound], 'chat_template.jinja'), new File(['x'], 'notes.txt')];
	await screen.getByLabelText('Choose files …').upload(files);
	await screen.getByLabelText('Name of the model').fill('me/model');
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	await expect.element(screen.getByText(/with the template of me\/model/)).toBeVisible();
	expect(asked[0]!.target).toEqual({
		kind: 'files',
		name: 'me/model',
		files: { 'chat_template.jinja': sound }
	});
	await screen.getByLabelText('Choose files …').upload([new File(['x'], 'notes.txt')]);
	await expect.element(screen.getByText(/None of these files is tokenizer.json/)).toBeVisible();
});

test('an upload sends the folder with what the form says, and tells where it is', async () => {
	const seen: { target: HubTarget; names: string[] }[] = [];
	const uploadFolder: Upload = async (folder, target, onProgress) => {
		const names: string[] = [];
		for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys())
			names.push(name);
		seen.push({ target, names });
		onProgress(0.5);
		if (target.token === 'bad') throw new Error('The token is not valid.');
		return 'https://huggingface.co/datasets/me/travel';
	};
	const { screen } = await panel({ uploadFolder });
	await screen.getByText('Upload to the Hugging Face Hub').click();
	await screen.getByLabelText('Repository').fill('me/travel');
	await screen.getByLabelText('Token with the right to write').fill('bad');
	await screen.getByRole('button', { name: 'Upload', exact: true }).click();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('The token is not valid.');
	await screen.getByLabelText('Token with the right to write').fill('hf_x');
	await screen.getByRole('button', { name: 'Upload', exact: true }).click();
	await expect
		.element(screen.getByRole('link', { name: 'https://huggingface.co/datasets/me/travel' }))
		.toBeVisible();
	expect(seen.at(-1)!.target).toEqual({ repository: 'me/travel', token: 'hf_x', isPrivate: true });
	expect(seen.at(-1)!.names).toContain('README.md');
});

test('there is nothing to make a dataset of before the first step', async () => {
	const { screen } = await panel({ empty: true });
	await expect.element(screen.getByRole('button', { name: 'Save as one archive …' })).toBeDisabled();
});
