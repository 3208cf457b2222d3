import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction, constants } from 'node:vm';

/** The part of xgrammar's bindings that tests use. */
export interface Xgrammar {
	readonly Grammar: {
		fromStructuralTag(tag: string): Promise<object>;
		fromJSONSchema(schema: string): Promise<object>;
		fromEBNF(grammar: string): Promise<object>;
	};
	readonly Testings: { isGrammarAcceptString(grammar: object, text: string): Promise<boolean> };
}

/** Loads xgrammar as web-llm has it. Its package calls itself a module and is a script, so it is run as one. */
export function loadXgrammar(): Xgrammar {
	const path = createRequire(import.meta.url).resolve('@mlc-ai/web-xgrammar');
	const module = { exports: {} as Xgrammar };
	const run = compileFunction(
		readFileSync(path, 'utf8'),
		['module', 'exports', 'require', '__dirname', '__filename'],
		{ filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }
	) as (...values: unknown[]) => void;
	run(module, module.exports, createRequire(path), dirname(path), path);
	return module.exports;
}
