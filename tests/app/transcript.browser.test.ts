import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import Transcript from '../../src/app/parts/Transcript.svelte';
import { bookingSteps } from './pictures.ts';

test('tells user, agent, calls and answers apart, and who does not see them', async () => {
	const screen = await render(Transcript, { branch: 'R', steps: bookingSteps, ending: undefined });
	await expect.element(screen.getByRole('heading', { name: 'User' })).toBeVisible();
	await expect.element(screen.getByRole('heading', { name: 'Agent' })).toBeVisible();
	await expect.element(screen.getByText('search_hotel')).toBeVisible();
	await expect.element(screen.getByText('2 rows, first Alder House')).toBeVisible();
	// Calls and answers in a row are one group.
	expect(screen.getByText('Only the agent sees this:').elements()).toHaveLength(1);
});

test('marks the call that earned a goal, and that one only', async () => {
	const screen = await render(Transcript, { branch: 'R', steps: bookingSteps, ending: undefined });
	const marks = screen.getByText('Goal earned: book_hotel: Alder House');
	expect(marks.elements()).toHaveLength(1);
	expect(marks.element().closest('.call')?.textContent).toContain('Alder House');
	expect(marks.element().closest('.call')?.textContent).not.toContain('Alder Hose');
});

test('marks a rejected call', async () => {
	const screen = await render(Transcript, { branch: 'R', steps: bookingSteps, ending: undefined });
	const rejected = screen.getByText('rejected', { exact: true });
	expect(rejected.elements()).toHaveLength(1);
	expect(rejected.element().closest('summary')?.textContent).toContain('no hotel with name alder hose');
});

test('folds what was thought before a message, of both sides', async () => {
	const steps = bookingSteps.slice(0, 2).map((step) => ({
		...step,
		messages: step.messages.map((message, index) =>
			index === 0 && (message.role === 'user' || message.role === 'assistant')
				? { ...message, reasoning: `${step.speaker} thinks` }
				: message
		)
	}));
	const screen = await render(Transcript, { branch: 'R', steps, ending: undefined });
	expect(screen.getByText('Thought').elements()).toHaveLength(2);
	for (const thought of ['user thinks', 'agent thinks']) {
		const words = screen.getByText(thought);
		await expect.element(words).not.toBeVisible();
		const summary = words.element().closest('details')!.querySelector('summary')!;
		summary.focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(words).toBeVisible();
	}
});

test('shows text while it is written, and why a branch ended', async () => {
	const writing = { ...bookingSteps[1]!, key: 'live', messages: [], earned: [], writing: 'Let me lo' };
	const screen = await render(Transcript, {
		branch: 'R',
		steps: [bookingSteps[0]!, writing],
		ending: undefined
	});
	await expect.element(screen.getByText('Let me lo')).toBeVisible();
	await screen.rerender({ steps: bookingSteps, ending: 'The user ended the conversation.' });
	await expect.element(screen.getByText('The user ended the conversation.')).toBeVisible();
});

test('shows numbers as they were written, every digit of them', async () => {
	const [first] = bookingSteps;
	const call = {
		name: 'pay',
		arguments: { id: 2512292042121000001n, price: 2 },
		argumentsText: '{"id": 2512292042121000001, "price": 2.0}'
	};
	const messages = [
		{
			role: 'assistant' as const,
			content: '',
			tool_calls: [{ id: 'a', type: 'function' as const, function: call }],
			seenBy: 'agent' as const
		},
		{
			role: 'tool' as const,
			content: '{"paid": 2512292042121000001}',
			tool_call_id: 'a',
			name: 'pay',
			seenBy: 'agent' as const
		}
	];
	const steps = [{ ...first!, key: 'numbers', messages, earned: [] }];
	const screen = await render(Transcript, { branch: 'R', steps, ending: undefined });
	await expect.element(screen.getByText('2512292042121000001', { exact: true })).toBeVisible();
	await expect.element(screen.getByText('2.0', { exact: true })).toBeVisible();
	await expect.element(screen.getByText('{"paid": 2512292042121000001}').first()).toBeVisible();
});
