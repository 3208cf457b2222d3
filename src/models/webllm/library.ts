import type { Engine, Library, ModelRecord, Pipeline } from './engine.ts';

/** The release that was read and measured; a test holds it against what is installed. */
export const webLlmVersion = '0.2.86';

/** web-llm itself. It is large, so it is fetched only when it is asked for. */
export async function openLibrary(): Promise<Library> {
	const webLlm = await import('@mlc-ai/web-llm');
	// The Cache API, stated: deletion and sizes are looked up there.
	const configOf = (record: ModelRecord) => ({
		cacheBackend: 'cache' as const,
		model_list: [record as (typeof webLlm.prebuiltAppConfig.model_list)[number]]
	});
	return {
		models: webLlm.prebuiltAppConfig.model_list as readonly ModelRecord[],
		createEngine(record, onProgress): Engine {
			const engine = new webLlm.MLCEngine({
				appConfig: configOf(record),
				initProgressCallback: onProgress,
				logLevel: 'SILENT'
			});
			const { loadedModelIdToPipeline } = engine as unknown as {
				readonly loadedModelIdToPipeline?: ReadonlyMap<string, Pipeline>;
			};
			return {
				reload: (options) => engine.reload(record.model_id, options),
				unload: () => engine.unload(),
				resetChat: () => engine.resetChat(),
				interrupt: async () => engine.interruptGenerate(),
				create: (body) => engine.chat.completions.create({ ...body, messages: [...body.messages] }),
				pipeline: () => loadedModelIdToPipeline?.get(record.model_id)
			};
		},
		isCached: (record) => webLlm.hasModelInCache(record.model_id, configOf(record)),
		deleteFromCache: (record) => webLlm.deleteModelAllInfoInCache(record.model_id, configOf(record))
	};
}
