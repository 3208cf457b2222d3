import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { firstDifference } from '../../src/app/read/difference.ts';
import ReadPage from '../../src/app/read/ReadPage.svelte';
import type { Message } from '../../src/dialogue/message.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { deskConfig, deskService } from '../run/desk-run.ts';
import { MemoryFiles } from '../store/memory-files.ts';

const user = (content: string): Message => ({ role: 'user', content });
const agent = (content: string): Message => ({ role: 'assistant', content });
const calling = (id: string, area: string): Message => ({
	role: 'assistant',
	content: '',
	tool_calls: [{ id, type: 'function', function: { name: 'search_hotel', arguments: { area } } }]
});

function file(name: string, ...conversations: readonly (readonly Message[])[]): File {
	const lines = conversations.map((messages) => JSON.stringify({ messages }));
	return new File([`${lines.join('\n')}\n`], name);
}

const first = [user('A hotel in the north.'), calling('a', 'north'), agent('Found one.')];
const second = [user('A hotel in the south.'), agent('Which price?')];

async function finishedRun() {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await service.create(deskConfig());
	await service.start(id, { workers: 1 });
	return { service, runs: await service.list(), id };
}

const nothing = deskService(new FolderStore(new MemoryFiles()));

test('conversations of a file are listed, found and read', async () => {
	const screen = await render(ReadPage, { service: nothing, runs: [] });
	await screen.getByLabelText('Open a file: File').upload(file('mine.jsonl', first, second));
	await expect.element(screen.getByText('mine.jsonl: 2 conversations')).toBeVisible();
	const shown = screen.getByRole('region', { name: /^Line \d+ of/ });
	await expect.element(shown.getByText('Found one.')).toBeVisible();
	await expect.element(shown.getByText('search_hotel')).toBeVisible();
	await screen.getByRole('searchbox').fill('which price');
	expect(screen.getByRole('button', { name: /hotel in the north/ }).elements()).toEqual([]);
	await screen.getByRole('button', { name: /hotel in the south/ }).click();
	await expect.element(shown.getByText('Which price?')).toBeVisible();
	await expect.element(screen.getByText('first difference')).not.toBeInTheDocument();
});

test('lines that cannot be read are named and do not hide the others', async () => {
	const screen = await render(ReadPage, { service: nothing, runs: [] });
	const broken = new File(
		[`{"messages": 1}\n\nno json\n${JSON.stringify({ messages: second })}\n`],
		'b.jsonl'
	);
	await screen.getByLabelText('Open a file: File').upload(broken);
	await expect.element(screen.getByText('b.jsonl: 1 conversation')).toBeVisible();
	await screen.getByText('2 lines could not be read').click();
	await expect.element(screen.getByText(/Line 1: it has no list "messages"/)).toBeVisible();
	await expect.element(screen.getByText(/^Line 3: /)).toBeVisible();
	await expect.element(screen.getByText('Which price?')).toBeVisible();
});

test('two files are compared, and the first difference is marked in both', async () => {
	const screen = await render(ReadPage, { service: nothing, runs: [] });
	await screen.getByLabelText('Open a file: File').upload(file('mine.jsonl', first));
	await screen.getByRole('radio', { name: 'another file' }).click();
	const other = [first[0]!, calling('another id', 'north'), agent('There is none.')];
	await screen.getByLabelText('Open a file: Other file').upload(file('other.jsonl', other, first));
	await expect.element(screen.getByText(/They differ from message 3 on/)).toBeVisible();
	const marks = screen
		.getByText('first difference')
		.elements()
		.map((mark) => mark.closest('li')?.textContent);
	expect(marks).toEqual([expect.stringContaining('Found one.'), expect.stringContaining('There is none.')]);
	await screen.getByRole('region', { name: 'Other file' }).getByRole('button', { name: /^2 / }).click();
	await expect.element(screen.getByText('Both say the same.')).toBeVisible();
});

test('a conversation is compared with the golden path of a stored run', async () => {
	const { service, runs, id } = await finishedRun();
	const { files } = await service.export(id);
	const sft = files.find(({ name }) => name === 'sft.jsonl')!;
	const text = await sft.content.text();
	const { meta } = JSON.parse(text.split('\n')[0]!) as { meta: { scenario: string } };
	const screen = await render(ReadPage, { service, runs });
	await screen.getByLabelText('Open a file: File').upload(new File([text], 'sft.jsonl'));
	await screen.getByRole('radio', { name: 'a stored run' }).click();
	await screen.getByRole('combobox').first().selectOptions(id);
	await screen.getByRole('combobox').last().selectOptions(meta.scenario);
	await expect.element(screen.getByText('Both say the same.')).toBeVisible();
});

test('the first difference is the first message that says something else, or is missing', () => {
	expect(firstDifference(first, first)).toBeUndefined();
	expect(firstDifference(first, [first[0]!, calling('b', 'north'), first[2]!])).toBeUndefined();
	expect(firstDifference(first, [first[0]!, calling('a', 'south'), first[2]!])).toBe(1);
	expect(firstDifference(first, first.slice(0, 2))).toBe(2);
	expect(firstDifference([], first)).toBe(0);
});
