import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, extname } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { writeJson } from '../base/json.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { ensurePage } from '../../scripts/page-build.ts';
import { servePage } from '../../scripts/serve-page.ts';
import type { Environment } from '../environment/environment.ts';
import { report, type EvaluationReport } from '../evaluation/report.ts';
import type { Trial, TrialId } from '../evaluation/trial.ts';
import { defaultChoices, fewerScenarios, type ChosenScenarios } from '../run/config.ts';
import { promptVersion } from '../simulation/views.ts';
import { chosenScenarios } from './chosen-scenarios.ts';
import type { EvaluateOptions } from './evaluate-options.ts';
import { readPack, unreadable } from './pack-file.ts';
import { StatusLine, type Screen } from './status-line.ts';
import { TrialJournal } from './trial-journal.ts';
import { trialsLine } from './trials-line.ts';
import { writeWhole } from './write-whole.ts';
import { withBrowser } from './with-browser.ts';

/** Rises when trials would come out otherwise although nothing else that is recorded with them changed. */
const trialVersion = 2;

/** Where the page finds files of this machine. */
const served = { agent: 'files/agent.gguf', user: 'files/user.gguf', pack: 'files/pack.json' } as const;

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
	const { environment } = await readPack(options.pack);
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
		display.note(`${missing().length} conversations of ${options.model}, ${options.workers} at once${kept}`);
		display.begin();
		try {
			await converse(options, missing, journal, { display, signal, pageFolder });
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
	{ model, userModel, pack, seed, temperature, userTemperature, workers }: Omit<EvaluateOptions, 'json'>,
	missing: () => readonly TrialId[],
	journal: TrialJournal,
	needs: { display: StatusLine; signal: AbortSignal; pageFolder: string | undefined }
): Promise<void> {
	const { display, signal, pageFolder } = needs;
	const files = new Map([
		[served.agent, model],
		[served.user, userModel],
		[served.pack, pack]
	]);
	const { url, close } = await servePage(pageFolder ?? ensurePage(), 0, files);
	try {
		const chromium = ensureChromium();
		const steps = () => -missing().length;
		await withBrowser({ url, chromium, display, signal }, steps, async (page) => {
			const leave = () => void page.close();
			signal.addEventListener('abort', leave);
			try {
				signal.throwIfAborted();
				await page.evaluate(
					{
						agentModel: `${url}/${served.agent}`,
						userModel: `${url}/${model === userModel ? served.agent : served.user}`,
						pack: `${url}/${served.pack}`,
						settings: { seed, agentTemperature: temperature, userTemperature },
						trials: missing(),
						workers
					},
					(trial) => journal.add(trial)
				);
			} finally {
				signal.removeEventListener('abort', leave);
			}
		});
	} finally {
		await close();
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
	{ kept, model, userModel, split, seed, temperature, userTemperature }: Omit<EvaluateOptions, 'json'>,
	environment: Environment
): Promise<TrialJournal> {
	return TrialJournal.open(kept, `${basename(model, extname(model))}-${split}-seed-${seed}`, {
		agentModel: await hashOf('--model', model),
		userModel: await hashOf('--user-model', userModel),
		environment: environment.hash,
		seed,
		agentTemperature: temperature,
		userTemperature,
		maxTokens: defaultChoices.maxTokens,
		engine: `wllama ${packageJson.dependencies['@wllama/wllama']}`,
		promptVersion,
		trialVersion
	});
}

/** SHA-256 of a file, in hexadecimal. */
async function hashOf(flag: string, file: string): Promise<string> {
	const hash = createHash('sha256');
	try {
		for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
	} catch (error) {
		throw unreadable(flag, file, error);
	}
	return hash.digest('hex');
}
