import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };
import { writeJson, type Json, type JsonObject } from '../../base/json.ts';
import { ensureChromium } from '../../../scripts/chromium.ts';
import { ensurePage } from '../../../scripts/page-build.ts';
import { servePage } from '../../../scripts/serve-page.ts';
import type { Environment } from '../../environment/environment.ts';
import { report, type EvaluationReport } from '../../evaluation/report.ts';
import type { Trial, TrialId } from '../../evaluation/trial.ts';
import { serverAddress } from '../../models/server/address.ts';
import { fewerScenarios, type ChosenScenarios } from '../../run/config.ts';
import { LocalEvaluationService } from '../../run/local-evaluation-service.ts';
import { promptVersion } from '../../talk/views.ts';
import { chosenScenarios } from '../chosen-scenarios.ts';
import { shippedFile, type EvaluateOptions } from './evaluate-options.ts';
import {
	areOnServers,
	modelWords,
	noticesOf,
	serverKeys,
	serverSource,
	serverSources,
	type ChosenModels
} from '../model-flags.ts';
import { filesOf, folderName, type ModelSpec } from '../model-spec.ts';
import { modelsInPage, pageFor } from '../models-in-page.ts';
import { modelsOnServers } from '../models-on-servers.ts';
import { readPack, unreadable } from '../pack-file.ts';
import { StatusLine, type Screen } from '../status-line.ts';
import { TrialJournal } from './trial-journal.ts';
import { trialsLine } from './trials-line.ts';
import { writeWhole } from '../write-whole.ts';
import { withBrowser } from '../with-browser.ts';

/** Rises when trials would come out otherwise although nothing else that is recorded with them changed. */
const trialVersion = 2;

export interface EvaluationNeeds {
	readonly screen: Screen;
	/** Whoever aborts finds what was done kept. */
	readonly signal: AbortSignal;
	/** Another build of the page, for tests. */
	readonly pageFolder?: string;
}

/**
 * Has the conversations that the options ask for, those that are kept excepted, and reports on all of them.
 *
 * @returns undefined if it was interrupted
 * @throws {UsageError} if a file cannot be read, the split has no scenarios, or another process does the same
 */
export async function evaluateModel(
	options: Omit<EvaluateOptions, 'json' | 'compare'>,
	{ screen, signal, pageFolder }: EvaluationNeeds
): Promise<EvaluationReport | undefined> {
	const pack = await readPack(options.pack);
	const { environment } = pack;
	const chosen = chosenScenarios(environment, options.split, options.scenarios);
	const fewer = fewerScenarios(chosen);
	if (fewer !== undefined) screen.write(`${fewer}\n`);
	const trials = trialsOf(options, chosen);
	const journal = await openJournal(options, environment);
	const missing = () => trials.filter((trial) => !journal.get(trial));
	const rows = () => trials.flatMap((trial) => journal.get(trial)?.row ?? []);
	if (missing().length > 0) {
		const started = { at: Date.now(), done: rows().length };
		const display = new StatusLine(screen, () => trialsLine(rows(), trials.length, started));
		const kept = started.done === 0 ? '' : `; ${started.done} more are kept in ${journal.path}`;
		display.note(
			`${missing().length} conversations of ${modelWords(options.models)}, ${options.workers} at once${kept}`
		);
		for (const notice of noticesOf(options.models)) display.note(notice);
		display.begin();
		try {
			await converse(options, pack.text, missing, journal, { display, signal, pageFolder });
		} catch (error) {
			if (!signal.aborted) throw error;
		} finally {
			display.end();
		}
	}
	if (missing().length > 0) return undefined;
	if (options.transcripts !== undefined) {
		const lines = trials.map((trial) => writeJson(transcriptLine(journal.get(trial)!, environment)));
		await writeWhole([{ path: options.transcripts, content: `${lines.join('\n')}\n` }]);
	}
	const { scenariosAsked } = chosen;
	return { ...(scenariosAsked !== undefined && { scenariosAsked }), ...report(rows()) };
}

/** All that it takes to see why a conversation went as it did. */
function transcriptLine({ row, transcript }: Trial, environment: Environment): object {
	const { userGoals, goals } = environment.scenarios.find(({ id }) => id === row.scenario)!;
	return { ...row, userGoals, goals, messages: transcript };
}

async function converse(
	{ models, seed, temperature, userTemperature, workers }: Omit<EvaluateOptions, 'json'>,
	pack: string,
	missing: () => readonly TrialId[],
	journal: TrialJournal,
	needs: { display: StatusLine; signal: AbortSignal; pageFolder: string | undefined }
): Promise<void> {
	const { display, signal, pageFolder } = needs;
	const settings = {
		seed,
		agentTemperature: temperature,
		userTemperature,
		maxTokens: models.maxTokens
	};
	const request = { pack, settings, workers };
	const keep = (trial: Trial) => journal.add(trial);
	if (areOnServers(models)) {
		const { sources, spawn } = modelsOnServers(serverSources(models), signal);
		const service = new LocalEvaluationService(spawn);
		return service.evaluate({ ...request, models: sources, trials: missing() }, keep, signal);
	}
	const served = await servePage(pageFolder ?? ensurePage(), 0);
	try {
		const chromium = ensureChromium();
		const steps = () => -missing().length;
		const url = pageFor(models, served.url);
		await withBrowser({ url, chromium, display, signal }, steps, async (page) => {
			const leave = () => void page.close();
			signal.addEventListener('abort', leave);
			try {
				signal.throwIfAborted();
				const sources = await modelsInPage(page, models, (text) => display.note(text));
				const keys = serverKeys(models);
				await page.evaluate({ ...request, models: sources, keys, trials: missing() }, keep);
			} finally {
				signal.removeEventListener('abort', leave);
			}
		});
	} finally {
		await served.close();
	}
}

/** All trials of a scenario have their turn before any is had again: what is cut off is still spread evenly. */
function trialsOf({ trials }: Pick<EvaluateOptions, 'trials'>, { scenarios }: ChosenScenarios): TrialId[] {
	return Array.from({ length: trials }, (_, trial) =>
		scenarios.map((scenario) => ({ scenario, trial }))
	).flat();
}

/** Kept under everything that decides how conversations go, so that what is found there can be taken as it is. */
async function openJournal(
	{ kept, models, split, seed, temperature, userTemperature }: Omit<EvaluateOptions, 'json'>,
	environment: Environment
): Promise<TrialJournal> {
	const { agent, user, maxTokens } = models;
	const tools = agent.kind === 'shipped' ? 'compact' : models.tools;
	return TrialJournal.open(kept, `${folderName(agent)}-${split}-seed-${seed}`, {
		agentModel: await whichModel(models, 'agent'),
		userModel: await whichModel(models, 'user'),
		environment: environment.hash,
		seed,
		agentTemperature: temperature,
		userTemperature,
		maxTokens,
		engine: [...new Set([agent, user].map(engineOf))].join(', '),
		// Not recorded when there was no choice yet.
		...(tools !== 'compact' && { tools }),
		promptVersion,
		trialVersion
	});
}

function engineOf({ kind }: ModelSpec): string {
	if (kind === 'server') return 'openai-compatible';
	const name = kind === 'webllm' ? 'web-llm' : 'wllama';
	const library = kind === 'webllm' ? '@mlc-ai/web-llm' : '@wllama/wllama';
	return `${name} ${packageJson.dependencies[library]}`;
}

/** What tells a model from others: of a file, the SHA-256 in hexadecimal. */
async function whichModel(models: ChosenModels, role: 'agent' | 'user'): Promise<Json> {
	const spec = models[role];
	switch (spec.kind) {
		case 'shipped':
			return hashOf(role, [shippedFile(spec.name)]);
		case 'file':
			return hashOf(role, filesOf(spec.path));
		case 'webllm':
			return spec.id;
		case 'server': {
			const { address, model, settings = {} } = serverSource(models, role);
			return { server: serverAddress(address).href, model, settings: settings as JsonObject };
		}
	}
}

async function hashOf(role: 'agent' | 'user', files: readonly string[]): Promise<string> {
	const hash = createHash('sha256');
	for (const file of files) {
		try {
			for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
		} catch (error) {
			throw unreadable(`--${role}-model`, file, error);
		}
	}
	return hash.digest('hex');
}
