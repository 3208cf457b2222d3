/**
 * What a model file can do: plain conversations in headless Chromium, through the same engine as the app.
 *
 *   npx tsx model/evaluate.ts [--model public/models/embedded.gguf] [--pack public/packs/travel.json] [--split test]
 *     [--scenarios 450] [--trials 1] [--seed 1] [--temperature 1] [--user-temperature 0.3] [--workers 1] [--json OUT]
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { chromiumArgs, ensureChromium } from '../scripts/chromium.ts';
import { responseHeaders } from '../scripts/serving.ts';
import type { Split } from '../src/environment/environment.ts';
import { report, type EvaluationReport } from '../src/evaluation/report.ts';
import type { Estimate } from '../src/evaluation/statistics.ts';
import type { TrialRow } from '../src/evaluation/trial.ts';

export interface EvaluationRequest {
	/** Addresses on the own origin. */
	readonly model: string;
	readonly pack: string;
	readonly split: Split;
	readonly scenarios: number;
	readonly trials: number;
	readonly seed: number;
	readonly temperature: number;
	readonly userTemperature: number;
	readonly workers: number;
}

const root = resolve(import.meta.dirname, '..');

/** The address of a file of this project; the server gives out no others. */
function addressOf(file: string): string {
	const path = resolve(file);
	if (!existsSync(path)) throw new Error(`${file} does not exist`);
	const inside = relative(root, path);
	if (inside.startsWith('..'))
		throw new Error(`${file} lies outside ${root}: copy it into model/build first`);
	return `/${inside}`;
}

async function converseInChromium(request: EvaluationRequest): Promise<TrialRow[]> {
	const cacheDir = mkdtempSync(join(tmpdir(), 'joshtree-evaluate-'));
	const server = await createServer({
		root,
		configFile: false,
		publicDir: false,
		logLevel: 'error',
		cacheDir,
		worker: { format: 'es' },
		optimizeDeps: {
			entries: ['model/evaluate/index.html'],
			include: ['@huggingface/jinja', '@wllama/wllama', 'comlink']
		},
		server: { port: 0, hmr: false, watch: null, headers: responseHeaders.development }
	});
	const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumArgs });
	try {
		await server.listen();
		const page = await browser.newPage();
		const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
		const rows: TrialRow[] = [];
		const wanted = request.scenarios * request.trials;
		await page.exposeFunction('tellRow', (row: TrialRow) => {
			rows.push(row);
			if (rows.length % 25 === 0) console.error(`${rows.length} of ${wanted} conversations`);
		});
		await page.goto(`${server.resolvedUrls!.local[0]}model/evaluate/index.html`);
		await page.waitForFunction(() => 'evaluate' in globalThis);
		await Promise.race([page.evaluate((one) => globalThis.evaluate(one), request), failed]);
		return rows;
	} finally {
		await browser.close();
		await server.close();
		rmSync(cacheDir, { recursive: true, force: true });
	}
}

function table(found: EvaluationReport, seconds: number): string {
	const percent = ({ value, low, high }: Estimate) =>
		`${(100 * value).toFixed(1)} % (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
	const each = (estimates: Readonly<Record<string, Estimate>>) =>
		Object.entries(estimates).map(([name, { value }]) => `${name} ${(100 * value).toFixed(0)} %`);
	const causes = Object.entries(found.causes).filter(([, count]) => count > 0);
	return [
		['scenarios × trials', `${found.scenarios} × ${found.trials}`],
		['success rate', percent(found.successRate)],
		['mean reward', percent(found.meanReward)],
		...found.passK.slice(1).map((estimate, index) => [`pass^${index + 2}`, percent(estimate)]),
		['tool calls that parse', percent(found.parsedCalls)],
		['ended by the user', percent(found.endedByUser)],
		['user true to its goals', percent(found.faithfulUser)],
		['success by domain', each(found.successByDomain).join(', ')],
		['by number of domains', each(found.successByDomains).join(', ')],
		['causes of failure', causes.map(([cause, count]) => `${cause} ${count}`).join(', ')],
		['completion tokens a second', (found.tokens.completion / seconds).toFixed(0)]
	]
		.map(([name, text]) => `${name!.padEnd(28)}${text}`)
		.join('\n');
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			model: { type: 'string', default: 'public/models/embedded.gguf' },
			pack: { type: 'string', default: 'public/packs/travel.json' },
			split: { type: 'string', default: 'test' },
			scenarios: { type: 'string', default: '450' },
			trials: { type: 'string', default: '1' },
			seed: { type: 'string', default: '1' },
			temperature: { type: 'string', default: '1' },
			'user-temperature': { type: 'string', default: '0.3' },
			workers: { type: 'string', default: '1' },
			json: { type: 'string' }
		}
	});
	const started = performance.now();
	const rows = await converseInChromium({
		model: addressOf(values.model),
		pack: addressOf(values.pack),
		split: values.split as Split,
		scenarios: Number(values.scenarios),
		trials: Number(values.trials),
		seed: Number(values.seed),
		temperature: Number(values.temperature),
		userTemperature: Number(values['user-temperature']),
		workers: Number(values.workers)
	});
	const seconds = (performance.now() - started) / 1000;
	const found = report(rows);
	console.log(table(found, seconds));
	if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...found, seconds }, null, '\t')}\n`);
}

await main();
