/**
 * Runs one of the commands of package.json: `node scripts/run.js NAME [flags]`. Installs the dependencies first, so this
 * file and what it imports at the top are plain JavaScript; the commands themselves are TypeScript.
 */
import { ensureDependencies } from './dependencies.js';
import { guardConsole, say } from './say.js';

/** Each module's default export takes the arguments and returns the exit code. */
const commands = {
	start: './start.ts',
	demo: '../src/cli/demo/demo.ts',
	evaluate: '../src/cli/evaluate/evaluate.ts',
	harvest: '../src/cli/harvest/harvest-servers.ts',
	dataset: '../src/cli/dataset/dataset.ts',
	merge: '../src/cli/merge/merge.ts',
	replay: '../src/cli/replay/replay.ts',
	'check-templates': '../src/cli/check-templates/check-templates.ts',
	'read-replies': '../src/cli/read-replies/read-replies.ts',
	reproduce: '../model/reproduce.ts',
	bench: '../bench/bench.ts',
	soak: '../bench/soak/soak.ts',
	'prepare-tests': './prepare-tests.ts'
};

const [name, ...args] = process.argv.slice(2);
guardConsole();
process.on('uncaughtException', (error) => {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	process.exit(1);
});
try {
	ensureDependencies();
	const { register } = await import('tsx/esm/api');
	register();
	const command = await import(new URL(commands[name], import.meta.url).href);
	process.exit(await command.default(args));
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exit(error instanceof Error && error.name === 'UsageError' ? 2 : 1);
}
