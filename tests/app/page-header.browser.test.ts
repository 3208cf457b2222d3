import { beforeEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import PageHeader from '../../src/app/parts/PageHeader.svelte';
import { StorageStatus } from '../../src/app/storage.svelte.ts';

beforeEach(() => {
	vi.restoreAllMocks();
	localStorage.clear();
});

test.for([
	[true, 'kept for good'],
	[false, 'may be discarded if the disk fills up']
] as const)(
	'the browser is asked to keep what is stored, and its answer (%s) is shown',
	async ([answer, words]) => {
		vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(answer);
		vi.spyOn(navigator.storage, 'persist').mockResolvedValue(answer);
		const screen = await render(PageHeader, {
			offline: { status: 'ready' },
			storage: new StorageStatus(),
			isConnected: false
		});
		await screen.getByRole('button', { name: 'Ask to keep data' }).click();
		await expect.element(screen.getByText(words)).toBeVisible();
		await expect.element(screen.getByText(/stored$/)).toBeVisible();
	}
);

test('says when the page works without a network', async () => {
	const storage = new StorageStatus();
	const screen = await render(PageHeader, { offline: { status: 'preparing' }, storage, isConnected: false });
	await expect.element(screen.getByRole('status')).toHaveTextContent('Getting ready to work offline');
	await screen.rerender({ offline: { status: 'ready' } });
	await expect.element(screen.getByRole('status')).toHaveTextContent('Ready to work offline');
});

test('colours can be chosen by hand and are remembered', async () => {
	const screen = await render(PageHeader, {
		offline: { status: 'ready' },
		storage: new StorageStatus(),
		isConnected: false
	});
	const colours = screen.getByLabelText('Colours');
	await colours.selectOptions('Dark');
	await vi.waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
	expect(localStorage.getItem('joshtree.theme')).toBe('dark');
	await colours.selectOptions('As the system');
	await vi.waitFor(() => expect(document.documentElement.dataset['theme']).toBeUndefined());
});
