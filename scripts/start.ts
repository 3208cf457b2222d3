import { readFlags } from './flags.ts';
import { ensurePage } from './page-build.ts';
import { servePage, PortInUseError } from './serve-page.ts';
import { origin } from './serving.ts';

const usage = `Usage: npm start

Builds the page if needed and serves it at ${origin.url} until Ctrl-C.

  --help  this text`;

/** Serves the page at its one origin. */
export default async function start(args: readonly string[]): Promise<number> {
	const flags = readFlags(args, { help: { type: 'boolean' } }, usage);
	if (flags.help) {
		console.log(usage);
		return 0;
	}
	const page = await servePage(ensurePage(), origin.port).catch((error: unknown) => {
		if (!(error instanceof PortInUseError)) throw error;
		throw new Error(
			[
				`port ${origin.port} is in use, perhaps by another \`npm start\`: look at ${origin.url} first.`,
				'Another port would be another origin, and so another database: runs stored at this one would not be there.',
				`Find the process with \`${portCommand}\` and end it, then run \`npm start\` again.`
			].join('\n')
		);
	});
	console.log(`Joshtree is at ${page.url} (Ctrl-C ends it)`);
	await new Promise((resolve) => {
		process.once('SIGINT', resolve);
		process.once('SIGTERM', resolve);
	});
	await page.close();
	return 0;
}

const portCommand =
	process.platform === 'win32' ? `netstat -ano | findstr :${origin.port}` : `lsof -i :${origin.port}`;
