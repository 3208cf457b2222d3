/**
 * How servers say that prompt, or prompt and reply, do not fit into the context. Each with the server whose words they are;
 * the tests hold a whole message of each.
 */
const phrases: readonly (readonly [server: string, phrase: RegExp])[] = [
	['OpenAI, vLLM, SGLang, llama-cpp-python', /maximum context length/i],
	['OpenAI', /context_length_exceeded/i],
	['vLLM', /longer than the maximum model length/i],
	['llama-server', /exceed_context_size_error|exceeds? the available context size/i],
	['llama-server, while it writes', /context size has been exceeded/i],
	['llama-cpp-python', /exceed context window/i],
	['Ollama', /input length exceeds (the )?(maximum )?context length|exceeded max context length/i],
	['SGLang', /longer than the model'?s context length/i],
	['SGLang', /input length .*exceeds the maximum allowed (input )?length/i],
	['LM Studio', /greater than the context length|context length of only/i],
	['Text Generation Inference', /`inputs` tokens \+ `max_new_tokens` must be/i]
];

/** Whether a server's complaint means that the context is too small. */
export function saysOverflow(message: string): boolean {
	return phrases.some(([, phrase]) => phrase.test(message));
}
