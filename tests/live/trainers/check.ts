/** `npm run check:trainers`: see README.md beside this file. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readFlags, UsageError } from '../../../scripts/flags.ts';
import { requirementsIn, venvWith } from '../../../scripts/venv.ts';
import { findingsTable, type Finding } from './findings.ts';
import { checkPlainFiles } from './plain-files.ts';

/** Each has an environment of its own, for their pins contradict each other. */
const trainers: Readonly<Record<string, readonly string[]>> = {
	trl: ['load_check.py', 'trl_check.py'],
	llamafactory: ['llamafactory_check.py'],
	axolotl: ['axolotl_check.py']
};

const usage = `Usage: npm run check:trainers -- [--run DIR | --dataset DIR] [--trainers T,T,...] [--python FILE]

  --run DIR          what to make the dataset from (a harvest of the embedded model, made here)
  --dataset DIR      a dataset folder with all formats, instead of a run
  --trainers T,...   of ${Object.keys(trainers).join(', ')} (all)
  --python FILE      a Python that has the one trainer that is named (made in out/check-trainers)`;

const place = join('out', 'check-trainers');
const here = import.meta.dirname;

const flags = readFlags(
	process.argv.slice(2),
	{
		run: { type: 'string' },
		dataset: { type: 'string' },
		trainers: { type: 'string' },
		python: { type: 'string' }
	},
	usage
);
const chosen = (flags.trainers ?? Object.keys(trainers).join(',')).split(',');
for (const name of chosen)
	if (!(name in trainers)) throw new UsageError(`--trainers: ${name} is not known.\n\n${usage}`);
if (flags.python !== undefined && chosen.length !== 1)
	throw new UsageError(`--python wants one trainer to be named with --trainers.\n\n${usage}`);

const dataset = resolve(flags.dataset ?? makeDataset(flags.run ?? makeRun()));
const findings = [...checkPlainFiles(dataset), ...chosen.flatMap(checkTrainer)];
console.log(findingsTable(findings));
process.exitCode = findings.some(({ result }) => result === 'failed') ? 1 : 0;

function makeRun(): string {
	const out = join(place, 'run');
	joshtree('demo', '--scenarios', '12', '--out', out);
	return out;
}

function makeDataset(run: string): string {
	const out = join(place, 'dataset');
	rmSync(out, { recursive: true, force: true });
	joshtree('dataset', '--run', run, '--out', out, '--formats', 'all');
	return out;
}

function joshtree(command: string, ...args: string[]): void {
	const { status } = spawnSync(process.execPath, [join('scripts', 'run.js'), command, ...args], {
		stdio: ['ignore', 2, 2]
	});
	if (status !== 0) throw new Error(`npm run ${command} -- ${args.join(' ')} ended with ${status}`);
}

/** A trainer that cannot be installed here is not run, and says so; nothing is claimed of it. */
function checkTrainer(name: string): Finding[] {
	let python = flags.python;
	try {
		python ??= venvWith(join(place, name), requirementsIn(join(here, `requirements-${name}.txt`)));
	} catch (error) {
		return [{ check: name, rows: 0, result: 'not run', note: (error as Error).message }];
	}
	return trainers[name]!.flatMap((script) => runScript(python, script, join(place, `work-${name}`)));
}

/** The scripts report in lines of JSON. */
function runScript(python: string, script: string, work: string): Finding[] {
	rmSync(work, { recursive: true, force: true });
	mkdirSync(work, { recursive: true });
	const { stdout, status, error } = spawnSync(python, [join(here, script), dataset, resolve(work)], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 2],
		env: {
			...process.env,
			// Nothing is fetched, nothing is told, and no cache of an earlier file is read.
			HF_HUB_OFFLINE: '1',
			HF_HOME: resolve(work, 'cache'),
			DO_NOT_TRACK: '1',
			AXOLOTL_DO_NOT_TRACK: '1'
		}
	});
	const found = (stdout ?? '')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Finding);
	if (status === 0) return found;
	const note = `ended with ${error?.message ?? status}; what it printed is above`;
	return [...found, { check: script, rows: 0, result: 'failed', note }];
}
