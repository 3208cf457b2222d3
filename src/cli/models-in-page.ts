import { availableParallelism } from 'node:os';
import { UsageError } from '../../scripts/flags.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { KeptModel } from '../models/wllama/kept-models.ts';
import { placement } from '../models/wllama/placement.ts';
import type { WllamaSettings } from '../models/wllama/settings.ts';
import type { RunOrigin } from '../search/run-config.ts';
import { serverSource, type ChosenModels, type ToolsChoice } from './model-flags.ts';
import { filesOf, specText, type ModelSpec } from './model-spec.ts';
import { withoutKey } from './models-on-servers.ts';
import type { PageService } from './page-service.ts';

type Page = Pick<PageService, 'keep' | 'webGpuProblem'>;

/** The page that can have these models. @param url of the built page */
export function pageFor({ agent, user }: RoleModels<ModelSpec>, url: string): string {
	const leavesOrigin = [agent, user].some(({ kind }) => kind === 'server' || kind === 'webllm');
	return leavesOrigin ? `${url}/connected.html` : url;
}

/**
 * The models as the page has them, once it has been given their files.
 *
 * @param note tells of what may take long
 * @throws {UsageError} for a model that needs a graphics device where there is none
 * @throws with what is wrong with a file
 */
export async function modelsInPage(
	page: Page,
	models: ChosenModels,
	note: (text: string) => void = () => undefined
): Promise<RoleModels<ModelSource>> {
	const kept = new Map<string, KeptModel>();
	const keep = async (path: string) => {
		note(`Copying ${path} into the browser`);
		const model = await page.keep(filesOf(path));
		kept.set(path, model);
		return model;
	};
	const sourceOf = async (role: 'agent' | 'user'): Promise<ModelSource> => {
		const spec = models[role];
		const flag = `--${role}-model ${specText(spec)}`;
		switch (spec.kind) {
			case 'shipped':
				return { engine: 'shipped', model: spec.name };
			case 'file': {
				const model = kept.get(spec.path) ?? (await keep(spec.path));
				if (model.kind !== 'model')
					throw new UsageError(`${flag} is a LoRA adapter. Name a model, or merge the adapter into its own.`);
				return { engine: 'wllama', model: model.id, settings: settingsFor(model, models.tools) };
			}
			case 'webllm': {
				const problem = await page.webGpuProblem();
				if (problem !== undefined)
					throw new UsageError(
						`${flag} cannot be run here: ${problem}. Models of web-llm are computed on a graphics device. Start a Chromium that reaches one (CHROMIUM_PATH), use the model on the page (npm start), or name a GGUF file of it.`
					);
				const tools = models.tools === 'compact' ? 'compact' : 'schema';
				return { engine: 'webllm', model: spec.id, settings: { tools } };
			}
			case 'server':
				return withoutKey(serverSource(models, role));
		}
	};
	return { agent: await sourceOf('agent'), user: await sourceOf('user') };
}

function settingsFor({ bytes }: KeptModel, tools: ToolsChoice): WllamaSettings {
	const { threads } = placement({ bytes, cores: availableParallelism(), crossOriginIsolated: true });
	return { tools, ...(threads > 1 && { threads }) };
}

/** What the models' chat templates do not take as it is, in sentences of the engine's, each once. */
export function lossesIn({
	agentModel,
	userModel
}: Pick<RunOrigin, 'agentModel' | 'userModel'>): readonly string[] {
	const losses = [agentModel, userModel].flatMap(({ settings }) => settings['losses'] ?? []);
	return [...new Set(losses.filter((loss) => typeof loss === 'string'))];
}

/**
 * The models that a run goes on with: those it was begun with, and as they were laid out then; servers where they are now.
 * @param here what the command names @returns what differs, if they are others
 */
export function modelsToGoOn(
	there: RoleModels<ModelSource>,
	here: RoleModels<ModelSource>,
	names: { readonly there: RoleModels<string>; readonly here: RoleModels<string> }
): { readonly models: RoleModels<ModelSource>; readonly differences: readonly string[] } {
	const roles = ['agent', 'user'] as const;
	const differences = roles.flatMap((role) => {
		if (whichModel(there[role]) !== whichModel(here[role]))
			return [`--${role}-model: ${names.there[role]} there, ${names.here[role]} here`];
		const [was, is] = [toldIn(there[role]), toldIn(here[role])];
		return was === is ? [] : [`--tools: ${was} there, ${is} here`];
	});
	const goingOn = (role: 'agent' | 'user') => (here[role].engine === 'server' ? here[role] : there[role]);
	return { models: { agent: goingOn('agent'), user: goingOn('user') }, differences };
}

function whichModel({ engine, model }: ModelSource): string {
	return canonicalJson({ engine, model } as unknown as Json);
}

function toldIn(source: ModelSource): string | undefined {
	return source.engine === 'shipped' ? undefined : source.settings?.tools;
}
