/**
 * How servers say that prompt, or prompt and reply, do not fit into the context. Each with the servers whose words they are; the tests
 * hold whole messages of them.
 */
const phrases: readonly (readonly [servers: string, phrase: RegExp])[] = [
	['OpenAI, vLLM, SGLang, DeepSeek, Mistral, Fireworks, OpenRouter', /maximum context length/i],
	['OpenAI, Groq, Cerebras; LiteLLM', /context_length_exceeded|ContextWindowExceeded/i],
	['OpenAI, GPT4All, MiniMax, Cloudflare', /(exceeds?|exceeded) (the |this |your )?(model )?context window/i],
	['MiniMax; Anthropic, as a reason to stop', /context window exceeds|model_context_window_exceeded/i],
	[
		'vLLM, LM Studio',
		/longer than the maximum model length|exceeds the max_model_len|context length (is|of) only/i
	],
	['vLLM, where nothing is left for the reply', /max_tokens must be at least 1, got -\d/i],
	[
		'vLLM, Fireworks, Anthropic, Bedrock, Databricks',
		/(prompt|inputs?)( tokens?)?( \([^)]*\))? (is )?too long/i
	],
	['llama-server', /exceed_context_size_error|exceeds? the available context size/i],
	['llama-server, while it writes; MLX', /context (size|length|window) (has been|was|is)? ?exceeded/i],
	['llama-server', /larger than the max(imum)? context size/i],
	['llama-cpp-python', /exceed context window/i],
	[
		'Ollama, LM Studio',
		/input length( \d+)? exceeds (the )?(maximum )?context length|exceeded (max )?context length/i
	],
	['SGLang', /longer than the model'?s context length/i],
	['SGLang', /input length .*exceeds the maximum allowed (input )?length/i],
	['LM Studio', /greater than the context length|context (the )?overflows|n_keep.*>=? *n_ctx/i],
	['LM Studio, while it writes', /reached context length of|mid-generation context overflow/i],
	['Gemini', /input token count\b.*\bexceeds the maximum number of tokens/i],
	['Vertex AI', /input token count is \d+ but the model only supports/i],
	['Anthropic', /input length and `?max_tokens`? exceed context limit/i],
	['Bedrock', /too many input tokens|input tokens exceeded|number of input tokens exceeds/i],
	[
		'Text Generation Inference, Together',
		/`?inputs`? (tokens \+ `?max_new_tokens`? must be|must have less than)/i
	],
	[
		'TensorRT-LLM',
		/prompt length \([^)]*\) exceeds maximum input length|should not exceed max_(seq_len|num_tokens)/i
	],
	['Cohere', /too many tokens: (total number of tokens|size limit exceeded)/i],
	['Groq, Cerebras', /reduce the length of the (input )?(messages|prompt)/i],
	['xAI', /maximum prompt length is \d/i],
	['GitHub', /prompt token count of \d+ exceeds|request body too large for .* max size: \d+ tokens/i],
	['Moonshot', /exceeded model token limit/i],
	['Qwen', /range of input length should be|message token length exceed/i],
	['Zhipu', /prompt exceeds max length/i]
];

/** A limit on how much may be asked in a time, which is counted in tokens, too. */
const rate = /rate[ _-]?limit|per[ _-]?(min|hour|day)|\bTP[MD]\b|quota|throttl|please wait/i;

/** Whether a server's complaint means that the context is too small. */
export function saysOverflow(message: string): boolean {
	return !rate.test(message) && phrases.some(([, phrase]) => phrase.test(message));
}
