import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { RunState } from '../../src/run/run-service.ts';
import RunControls from '../../src/app/parts/RunControls.svelte';
import RunStateNotice from '../../src/app/parts/RunStateNotice.svelte';

function controls(state: RunState, more: { begun?: boolean; interrupted?: boolean; blocked?: boolean } = {}) {
	const handlers = { onstart: vi.fn(), onpause: vi.fn(), onstop: vi.fn() };
	const props = { state, begun: false, interrupted: false, blocked: false, workers: 2, ...more, ...handlers };
	return { handlers, screen: render(RunControls, props) };
}

const buttonsOf = (screen: Awaited<ReturnType<typeof render>>) =>
	screen
		.getByRole('button')
		.elements()
		.map(
			(button) =>
				button.textContent?.trim() + (button.matches(':disabled, [aria-disabled=true]') ? ' (disabled)' : '')
		);

test.for([
	[{ phase: 'idle' }, {}, 'not started', ['Start', 'Close']],
	[{ phase: 'idle' }, { begun: true, interrupted: true }, 'interrupted', ['Resume', 'Close']],
	[{ phase: 'paused' }, { begun: true }, 'paused', ['Resume', 'Close']],
	[{ phase: 'paused' }, { begun: true, blocked: true }, 'paused', ['Resume (disabled)', 'Close']],
	[{ phase: 'running' }, { begun: true }, 'running', ['Pause', 'Stop and close']],
	[{ phase: 'pausing' }, { begun: true }, 'finishing', ['Pause (disabled)', 'Stop and close (disabled)']],
	[{ phase: 'finished' }, { begun: true }, 'finished', ['Close']],
	[{ phase: 'watching' }, { begun: true }, 'running in another tab', ['Close']],
	[{ phase: 'readonly', reason: 'other model' }, { begun: true }, 'read only', ['Close']],
	[{ phase: 'failed', reason: 'corrupt model' }, { begun: true }, 'failed', ['Resume', 'Close']]
] as const)('%j offers what can be done', async ([state, more, words, buttons]) => {
	const screen = await controls(state, more).screen;
	await expect.element(screen.getByRole('status')).toHaveTextContent(words);
	expect(buttonsOf(screen)).toEqual(buttons);
});

test('buttons do what they say', async () => {
	const running = controls({ phase: 'running' });
	const screen = await running.screen;
	await screen.getByRole('button', { name: 'Pause' }).click();
	await screen.getByRole('button', { name: 'Stop and close' }).click();
	expect(running.handlers.onpause).toHaveBeenCalledOnce();
	expect(running.handlers.onstop).toHaveBeenCalledOnce();
});

test.for([
	[{ phase: 'watching' }, false, 'This run is running in another tab'],
	[{ phase: 'readonly', reason: 'the model has changed' }, false, 'the model has changed'],
	[{ phase: 'failed', reason: 'the model file is corrupt' }, false, 'the model file is corrupt'],
	[{ phase: 'paused' }, true, 'interrupted']
] as const)('%j is explained', async ([state, interrupted, words]) => {
	const screen = await render(RunStateNotice, { state, interrupted, steps: 12 });
	await expect.element(screen.getByRole('status')).toHaveTextContent(words);
});

test('an ordinary state needs no explanation', async () => {
	const screen = await render(RunStateNotice, { state: { phase: 'running' }, interrupted: false, steps: 12 });
	expect(screen.getByRole('status').elements()).toHaveLength(0);
});
