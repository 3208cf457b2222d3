import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import App from '../../src/app/App.svelte';
import { Notices } from '../../src/app/notices.svelte.ts';
import { ModelLoading } from '../../src/app/models/loading.svelte.ts';
import { ServerKeys } from '../../src/app/models/server-keys.ts';
import { ModelShelf } from '../../src/app/models/shelf.svelte.ts';
import { FakeKeptModels } from './fake-kept-models.ts';
import { RunView } from '../../src/app/run-view.svelte.ts';
import { Session } from '../../src/app/session.svelte.ts';
import { StorageStatus } from '../../src/app/storage.svelte.ts';
import type { ModelSource } from '../../src/models/source.ts';
import { generateTravel } from '../../src/environment/travel/travel.ts';
import { createRunConfig } from '../../src/run/config.ts';
import { FakeRunService } from './fake-run-service.ts';

const { pack } = generateTravel(1, { train: 12, val: 3, test: 3 });

beforeEach(() => {
	location.hash = '';
	localStorage.clear();
});
afterEach(() => {
	location.hash = '';
});

interface Surroundings {
	readonly newer?: 'waiting' | 'installed';
	readonly update?: () => void;
}

async function open(
	service = new FakeRunService(pack),
	shelf = new ModelShelf(new FakeKeptModels()),
	{ newer, update = () => undefined }: Surroundings = {}
) {
	const notices = new Notices();
	const session = new Session(service, notices);
	const screen = await render(App, {
		session,
		shelf,
		loading: new ModelLoading(service.models),
		keys: new ServerKeys(service.models),
		offline: { status: 'ready', newer, update },
		storage: new StorageStatus()
	});
	await session.ready;
	return { screen, service, session, notices };
}

async function startThree() {
	const opened = await open();
	await opened.screen.getByLabelText('How many').fill('3');
	await opened.screen.getByRole('button', { name: 'Start with 3 scenarios' }).click();
	await expect.element(opened.screen.getByText('finished', { exact: true })).toBeVisible();
	return opened;
}

test('searches of a run are filtered by how they came out, and all are there again without a filter', async () => {
	const { screen, session } = await startThree();
	await vi.waitFor(() =>
		expect(session.run?.rows.every(({ standing }) => !['waiting', 'begun'].includes(standing))).toBe(true)
	);
	const { rows, filter } = session.run!;
	const list = screen.getByRole('listbox', { name: 'Scenarios of this run' });
	await screen.getByText('Filters').click();
	await vi.waitFor(() => expect(filter.facets?.ended).toBe(rows.length));
	for (const [outcome, count] of Object.entries(filter.facets!.outcomes)) {
		await screen.getByLabelText('Outcome').selectOptions(outcome);
		await vi.waitFor(() => expect(list.getByRole('option').elements()).toHaveLength(count));
		await expect
			.element(screen.getByRole('heading', { name: `${count} of ${rows.length} scenarios` }))
			.toBeVisible();
	}
	await screen.getByLabelText('Outcome').selectOptions('');
	await vi.waitFor(() => expect(list.getByRole('option').elements()).toHaveLength(rows.length));
});

test('a search that is asked for twice at once is read once into its tree', async () => {
	const { service, session, screen } = await startThree();
	await expect
		.element(screen.getByText(/So far \d+ golden paths?, \d+ good and \d+ bad turns/))
		.toBeVisible();
	const view = await RunView.open(service, session.run!.record, false, () => undefined);
	const last = view.rows.at(-1)!;
	await Promise.all([view.show(last), view.show(last)]);
	expect(view.failures).toEqual(new Map());
	expect(view.shown.scenario.id).toBe(last.scenario);
	expect(view.shown.tree.events).toBe((await service.events('run-1', last.scenario)).length);
	await view.close();
});

test('a run is chosen, started, watched to its end and exported', async () => {
	const { screen, session } = await startThree();
	await expect.element(screen.getByText('3 of 3', { exact: true })).toBeVisible();
	expect(location.hash).toBe('#run=run-1');
	expect(session.run?.record.config.scenarios).toEqual(['train-0001', 'train-0002', 'train-0003']);

	await vi.waitFor(() =>
		expect(session.run?.rows.every(({ standing }) => !['waiting', 'begun'].includes(standing))).toBe(true)
	);
	const scenarios = screen.getByRole('listbox', { name: 'Scenarios of this run' });
	expect(scenarios.getByRole('option').elements()).toHaveLength(3);
	await scenarios.getByRole('option', { name: 'train-0002' }).click();
	const tree = screen.getByRole('tree', { name: 'Search tree of train-0002' });
	expect(tree.getByRole('treeitem').elements().length).toBeGreaterThan(2);

	const saved: string[] = [];
	const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
		this: HTMLAnchorElement
	) {
		saved.push(this.download);
	});
	await screen.getByRole('button', { name: 'KTO' }).click();
	await screen.getByRole('button', { name: 'All as a zip' }).click();
	await vi.waitFor(() => expect(saved).toEqual(['joshtree-run-1.kto.jsonl', 'joshtree-run-1.plain.zip']));
	click.mockRestore();
	await expect.element(screen.getByText(/12 good and 30 bad KTO rows/)).toBeVisible();
});

test('a run is made in the environment that is chosen; one that cannot be loaded is told of', async () => {
	const said = pack.scenarios.slice(0, 2).map((scenario) => ({
		...scenario,
		goals: [],
		says: [{ id: 'greeting', any: ['hello'] }]
	}));
	const town = { ...pack, id: 'town', title: 'A small town', scenarios: said };
	const service = new FakeRunService(pack, { others: [town] });
	const { screen, session } = await open(service);
	const environment = screen.getByRole('combobox', { name: /^Environment/ });
	await expect.element(environment).toHaveValue('travel');

	const load = vi.spyOn(service, 'environment').mockRejectedValueOnce(new Error('the file is not there'));
	await userEvent.selectOptions(environment, 'town');
	await expect.element(screen.getByText(/could not be loaded: the file is not there/)).toBeVisible();
	await expect.element(environment).toHaveValue('travel');
	load.mockRestore();

	await userEvent.selectOptions(environment, 'town');
	await expect.element(screen.getByText('A small town')).toBeVisible();
	// The reward follows what the scenarios set.
	await expect.element(screen.getByRole('combobox', { name: /^Reward/ })).toHaveValue('said');
	await screen.getByRole('button', { name: 'Start with 2 scenarios' }).click();
	await vi.waitFor(() => expect(session.run?.record.origin.pack.id).toBe('town'));
	expect(session.run?.record.config.reward.kind).toBe('said');
});

test('a stored run that cannot be read is named in the list, and can be deleted', async () => {
	const service = new FakeRunService(pack);
	service.damaged = [{ id: 'old', reason: 'run old is damaged at createdAt: Invalid type.' }];
	const { screen } = await open(service);
	await expect.element(screen.getByText(/run old is damaged at createdAt/)).toBeVisible();
	await screen.getByRole('button', { name: 'Delete damaged run old' }).click();
	await screen.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await expect.element(screen.getByText(/run old is damaged/)).not.toBeInTheDocument();
});

test('what a run has lost is said above it, whichever scenario is shown', async () => {
	const { screen, service } = await startThree();
	const reason = 'run run-1: event 3 of scenario train-0003 is missing';
	service.tell({ type: 'failure', scenario: 'train-0003', reason });
	service.tell({ type: 'damage', damage: ['run run-1: 2 events of scenarios that it does not have'] });
	await expect.element(screen.getByText(/^2 problems in this run/)).toBeVisible();
	await expect.element(screen.getByText(`train-0003: ${reason}`)).toBeVisible();
	await expect.element(screen.getByText(/2 events of scenarios that it does not have/)).toBeVisible();
});

test('what a model did otherwise than asked is said once', async () => {
	const { screen, service } = await startThree();
	for (let times = 0; times < 2; times++)
		service.tell({ type: 'warning', warning: 'seed was not taken by http://node3:8000 and was left out' });
	await expect.element(screen.getByText('Warning: seed was not taken by http://node3:8000')).toBeVisible();
});

test('what a person says of a conversation is kept with the run, and taken back', async () => {
	const { screen, service } = await startThree();
	const ratings = async () => (await service.list())[0]!.ratings;
	const scenarios = screen.getByRole('listbox', { name: 'Scenarios of this run' });
	await scenarios.getByRole('option', { name: 'train-0002' }).click();
	const good = screen.getByRole('button', { name: 'Good', exact: true });
	const bad = screen.getByRole('button', { name: 'Bad', exact: true });
	await good.click();
	await expect.element(good).toHaveAttribute('aria-pressed', 'true');
	expect(await ratings()).toEqual({ 'train-0002': 'good' });
	await expect.element(scenarios.getByRole('option', { name: 'train-0002 rated good' })).toBeVisible();
	await bad.click();
	await expect.element(scenarios.getByRole('option', { name: 'train-0002 rated bad' })).toBeVisible();
	await expect.element(bad).toHaveAttribute('aria-pressed', 'true');
	await expect.element(good).toHaveAttribute('aria-pressed', 'false');
	await scenarios.getByRole('option', { name: 'train-0003' }).click();
	await expect.element(bad).toHaveAttribute('aria-pressed', 'false');
	await scenarios.getByRole('option', { name: 'train-0002' }).click();
	await bad.click();
	await expect.element(bad).toHaveAttribute('aria-pressed', 'false');
	expect(await ratings()).toEqual({});
});

test('datasets of a run are made below its plain export, and uploaded only where that is possible', async () => {
	const { screen } = await startThree();
	await screen.getByRole('button', { name: 'Check the rows' }).click();
	await expect
		.element(screen.getByText('0 examples looked at: none refused, nothing to warn of.'))
		.toBeVisible();
	await expect.element(screen.getByText('Upload to the Hugging Face Hub')).not.toBeInTheDocument();
});

test('the page for reading conversations opens by its address', async () => {
	const { screen } = await open();
	await screen.getByRole('link', { name: 'Read conversations from a file' }).click();
	await expect.element(screen.getByRole('heading', { name: 'Read conversations' })).toBeVisible();
	await screen.getByRole('link', { name: '← All runs' }).click();
	await expect.element(screen.getByRole('heading', { name: 'Stored runs' })).toBeVisible();
});

test('selecting by hand stops following', async () => {
	const { screen, session } = await startThree();
	await expect.element(screen.getByLabelText('Follow the search')).toBeChecked();
	const tree = screen.getByRole('tree');
	await vi.waitFor(() => expect(tree.getByRole('treeitem').elements().length).toBeGreaterThan(2));
	const root = tree.getByRole('treeitem').first();
	(root.element() as SVGElement).focus();
	await userEvent.keyboard('{Home}');
	await expect.element(screen.getByLabelText('Follow the search')).not.toBeChecked();
	expect(session.run?.selected).toBe('');
});

test('a run is deleted only after it was confirmed', async () => {
	const { screen, service } = await startThree();
	await screen.getByRole('link', { name: '← All runs' }).click();
	await screen.getByRole('button', { name: /^Delete/ }).click();
	await screen.getByRole('button', { name: 'Keep it' }).click();
	expect(await service.list()).toHaveLength(1);
	await screen.getByRole('button', { name: /^Delete/ }).click();
	await screen.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await expect.element(screen.getByText(/^None yet/)).toBeVisible();
	expect(await service.list()).toHaveLength(0);
});

test('a run that was running when its tab was closed is offered for resuming after a reload', async () => {
	const { service, session, screen } = await open();
	const run = await service.create(createRunConfig({ scenarios: ['train-0001', 'train-0002'] }));
	localStorage.setItem(`joshtree.running.${run.id}`, 'yes');
	location.hash = `run=${run.id}`;
	await expect.element(screen.getByText(/This run was interrupted/)).toBeVisible();
	await screen.getByRole('button', { name: 'Start' }).click();
	await expect.element(screen.getByText('finished', { exact: true })).toBeVisible();
	expect(localStorage.getItem(`joshtree.running.${run.id}`)).toBeNull();
	expect(session.run?.interrupted).toBe(false);
});

test('a run of another tab is shown as such, and an update waits until it has come to rest', async () => {
	const service = new FakeRunService(pack);
	const { id } = await service.create(createRunConfig({ scenarios: ['train-0001', 'train-0002'] }));
	service.tabStatus = { runningElsewhere: [id] };
	const update = vi.fn();
	const { screen } = await open(service, undefined, { newer: 'waiting', update });
	await expect.element(screen.getByText('running in another tab')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: /^Resume/ })).not.toBeInTheDocument();
	await expect.element(screen.getByRole('button', { name: /^Delete/ })).toBeDisabled();

	const button = screen.getByRole('button', { name: 'Update now' });
	await expect
		.element(screen.getByText(/would stop what is running: 2 scenarios from train-0001, in another tab/))
		.toBeVisible();
	await button.click();
	expect(update).not.toHaveBeenCalled();

	service.tabStatus = { runningElsewhere: [] };
	await expect.element(screen.getByRole('button', { name: /^Resume/ })).toBeEnabled();
	await button.click();
	await vi.waitFor(() => expect(update).toHaveBeenCalledOnce());
});

test('a tab that another has updated reloads when it is told to, whatever runs elsewhere', async () => {
	const service = new FakeRunService(pack);
	service.tabStatus = { runningElsewhere: ['x'] };
	const update = vi.fn();
	const { screen } = await open(service, undefined, { newer: 'installed', update });
	await screen.getByRole('button', { name: 'Reload' }).click();
	await vi.waitFor(() => expect(update).toHaveBeenCalledOnce());
});

test('storage that does not last is told of, and not praised', async () => {
	const service = new FakeRunService(pack);
	service.tabStatus = { runningElsewhere: [], storageProblem: 'Nothing is kept.' };
	const { screen } = await open(service);
	await expect.element(screen.getByRole('alert')).toHaveTextContent('Nothing is kept.');
	await expect.element(screen.getByRole('button', { name: 'Ask to keep data' })).not.toBeInTheDocument();
});

test('more scenarios than there are is told and goes on with all; no number is refused', async () => {
	const { screen, session } = await open();
	const count = screen.getByLabelText('How many');
	for (const [typed, words] of [
		['0', /whole number from 1, not 0/],
		['1.5', /not 1.5/],
		['', /whole number from 1\./]
	] as const) {
		await count.fill(typed);
		await expect.element(screen.getByRole('alert')).toHaveTextContent(words);
		await expect.element(screen.getByRole('button', { name: 'Choose at least one scenario' })).toBeDisabled();
	}
	await count.fill('5000');
	await expect
		.element(screen.getByText('5,000 scenarios were asked for; only 12 are available, and all are used.'))
		.toBeVisible();
	await screen.getByRole('button', { name: 'Start with 12 scenarios' }).click();
	await vi.waitFor(() => expect(session.runs).toHaveLength(1));
	expect(session.runs[0]!.config).toMatchObject({ scenariosAsked: 5000 });
	expect(session.runs[0]!.config.scenarios).toHaveLength(12);
});

test('what goes wrong is said, and does not go away by itself', async () => {
	const service = new FakeRunService(pack);
	service.create = () => Promise.reject(new Error('the disk quota is used up; delete a run'));
	const { screen } = await open(service);
	await screen.getByRole('button', { name: /^Start with/ }).click();
	const notice = screen.getByText('The run could not be made: the disk quota is used up; delete a run');
	await expect.element(notice).toBeVisible();
	await screen.getByRole('button', { name: /^Dismiss/ }).click();
	await expect.element(notice).not.toBeInTheDocument();
});

test('scenarios are picked by domain or from a list', async () => {
	const { screen } = await open();
	await screen.getByRole('radio', { name: 'Pick from a list' }).click();
	await expect.element(screen.getByRole('button', { name: 'Choose at least one scenario' })).toBeDisabled();
	await screen.getByRole('searchbox', { name: 'Find' }).fill('train-0007');
	await screen.getByRole('checkbox', { name: /train-0007/ }).click();
	await expect.element(screen.getByRole('button', { name: 'Start with 1 scenario' })).toBeEnabled();
});

test('a run whose server has moved goes on with it where it is now', async () => {
	const service = new FakeRunService(pack);
	const source = { engine: 'server', address: 'http://old.example/v1', model: 'm' } as ModelSource;
	const config = createRunConfig({ scenarios: ['train-0001'] });
	const { id } = await service.create(config, { agent: source, user: source });
	const noCatalogue = () => Promise.reject(new Error('not asked here')) as never;
	const { screen } = await open(service, new ModelShelf(new FakeKeptModels(), noCatalogue));
	location.hash = `#run=${id}`;
	const address = screen.getByLabelText('Address of the server');
	await expect.element(address).toHaveValue('http://old.example/v1');
	await address.fill('ftp://new');
	await userEvent.tab();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('is not the address of a server');
	await address.fill('new.example:8000');
	await userEvent.tab();
	await expect.element(screen.getByRole('note')).toHaveTextContent('http://new.example:8000');
	await screen.getByRole('button', { name: /^(Start|Resume|Continue)/ }).click();
	const moved = { ...source, address: 'http://new.example:8000/v1' };
	await vi.waitFor(() =>
		expect(service.starts).toEqual([expect.objectContaining({ sources: { agent: moved, user: moved } })])
	);
});

test('the keyboard stays where it was when the models cannot be loaded', async () => {
	const service = new FakeRunService(pack);
	service.refusal = new Error('The file is gone.');
	const { screen } = await open(service);
	await screen.getByLabelText('How many').fill('3');
	const start = screen.getByRole('button', { name: 'Start with 3 scenarios' });
	(start.element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('alert')).toHaveTextContent('The file is gone.');
	await expect.element(start).toHaveFocus();
});

test('a file dropped beside the places for files does not replace the page', async () => {
	await open();
	const data = new DataTransfer();
	data.items.add(new File(['x'], 'model.gguf'));
	for (const type of ['dragover', 'drop']) {
		const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
		expect(document.body.dispatchEvent(event)).toBe(false);
	}
	const text = new DragEvent('drop', { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true });
	expect(document.body.dispatchEvent(text)).toBe(true);
});
