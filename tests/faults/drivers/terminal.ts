import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../e2e/support/command.ts';
import type { FaultDriver } from '../fault-case.ts';

/** What `npm run harvest` prints when the model `mine` is asked of a server that lists those of `models.json`. */
const terminal: FaultDriver = async (fault) => {
	const server = createServer((_, response) => {
		response.setHeader('Content-Type', 'application/json').end(fault.text('models.json'));
	});
	await once(server.listen(0, 'localhost'), 'listening');
	const address = `http://localhost:${(server.address() as AddressInfo).port}`;
	const out = await mkdtemp(join(tmpdir(), 'joshtree-terminal-'));
	try {
		const args = ['--server', `${address}/v1`, '--model', 'mine', '--scenarios', '1', '--out', out];
		const { code, stdout, stderr } = await runCommand('harvest', args);
		const complaint = stderr.slice(stderr.indexOf('joshtree: '));
		return { code, output: (stdout + complaint).replaceAll(address, 'SERVER') };
	} finally {
		server.close();
		await rm(out, { recursive: true });
	}
};

export default terminal;
