import { parseJson } from '../../base/json-read.ts';
import type { Message } from '../../dialogue/message.ts';
import { createEnvironment } from '../../environment/pack-environment.ts';
import type { Pack } from '../../environment/pack.ts';
import { goldenPath } from '../../harvest/golden-path.ts';
import { regrow } from '../../harvest/regrow.ts';
import type { RunService } from '../../run/run-service.ts';
import { agentView } from '../../talk/views.ts';
import type { RunRecord } from '../../store/run-store.ts';

/** The agent's view of a scenario's golden path; `undefined` if there is none (yet). */
export async function goldenConversation(
	service: Pick<RunService, 'pack' | 'events'>,
	{ id, origin, config: { search } }: RunRecord,
	scenario: string
): Promise<readonly Message[] | undefined> {
	const environment = createEnvironment(
		parseJson(await service.pack(id)) as unknown as Pack,
		origin.pack.hash
	);
	const events = (await service.events(id)).filter((one) => one.scenario === scenario);
	const searches = regrow(environment, { scenarios: [scenario], search }, () =>
		events.map(({ event }) => event)
	);
	for await (const { tree } of searches) {
		const golden = goldenPath(tree);
		return (
			golden &&
			agentView(
				environment,
				golden.spoken.map(({ message }) => message)
			)
		);
	}
	return undefined;
}
