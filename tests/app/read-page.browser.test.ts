import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { firstDifference } from '../../src/app/read/difference.ts';
import ReadPage from '../../src/app/read/ReadPage.svelte';
import type { AssistantMessage, Message } from '../../src/dialogue/message.ts';
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
	await screen.getByText('2 records could not be read').click();
	await expect.element(screen.getByText(/Line 1: it has no list "messages"/)).toBeVisible();
	await expect.element(screen.getByText(/^Line 3: /)).toBeVisible();
	await expect.element(screen.getByText('Which price?')).toBeVisible();
});

test('all that a record holds is shown, and compared', async () => {
	const screen = await render(ReadPage, { service: nothing, runs: [] });
	const records = [
		{
			messages: [
				user('Price?'),
				{ role: 'assistant', content: 'Ten.', reasoning_content: 'It is ten.', audio: { id: 'x7' } }
			],
			source: 'desk'
		},
		{ prompt: [user('Price?')], chosen: [agent('Ten.')], rejected: [{ ...agent(''), refusal: 'No.' }] },
		{ prompt: [user('Price?')], completion: [agent('Why?')], label: false }
	];
	const list = new File([JSON.stringify(records, null, 1)], 'list.json');
	await screen.getByLabelText('Open a file: File').upload(list);
	await expect.element(screen.getByText('list.json: 3 conversations')).toBeVisible();
	const shown = screen.getByRole('region', { name: /^Item \d of list\.json/ });
	await expect.element(shown.getByText('It is ten.')).not.toBeVisible();
	await shown.getByText('Thought').click();
	await expect.element(shown.getByText('It is ten.')).toBeVisible();
	await shown.getByText('Also in this message').click();
	await expect.element(shown.getByText('x7')).toBeVisible();
	await shown.getByText('Other columns').click();
	await expect.element(shown.getByText('desk')).toBeVisible();

	await screen.getByRole('button', { name: /^2 / }).click();
	const said = () =>
		Array.from(shown.element().querySelectorAll('li.assistant'), (one) =>
			one.textContent.replace(/\s+/g, ' ').trim()
		);
	await expect.poll(said).toEqual(['Agent ✓ chosen Ten.', 'Agent ✗ rejected refuses No.']);
	await screen.getByRole('button', { name: /^3 / }).click();
	await expect.poll(said).toEqual(['Agent ✗ bad Why?']);

	await screen.getByRole('radio', { name: 'another file' }).click();
	const good = { ...records[2], label: true, source: 'web' };
	await screen
		.getByLabelText('Open a file: Other file')
		.upload(new File([JSON.stringify(good)], 'good.jsonl'));
	await expect
		.element(screen.getByText(/They differ from message 2 on.* Other columns that differ: source\./))
		.toBeVisible();
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
	const { files } = await service.datasets.export(id);
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
	const [one] = first as [Message];
	for (const more of [{ verdict: 'bad' }, { refusal: 'No.' }, { rest: { weight: 0 } }] as const)
		expect(firstDifference([one], [{ ...one, ...more }])).toBe(0);
	expect(firstDifference([one], [{ ...one, reasoning: 'Hm.' }])).toBeUndefined();
	const numbers = calling('a', 'north') as AssistantMessage;
	const [made] = numbers.tool_calls!;
	const written = { ...made!, function: { ...made!.function, argumentsText: '{"area": 2.0}' } };
	expect(firstDifference([numbers], [{ ...numbers, tool_calls: [written] }])).toBe(0);
});
