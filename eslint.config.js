import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { layerZones } from './scripts/layers.js';
import svelteConfig from './svelte.config.js';

export default ts.config(
	{ ignores: ['dist/', 'out/', 'model/build/', 'node_modules/', 'public/', 'coverage/'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		plugins: { 'import-x': importX },
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })] },
		rules: {
			// TypeScript knows what is defined.
			'no-undef': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			'import-x/no-restricted-paths': ['error', { zones: layerZones }],
			'no-restricted-syntax': [
				'error',
				{
					selector:
						"CallExpression[callee.property.name='write'][callee.object.property.name=/^std(out|err)$/]",
					message: 'Write by console or scripts/say.js: they show control characters instead of sending them.'
				}
			]
		}
	},
	{ files: ['scripts/say.js'], rules: { 'no-restricted-syntax': 'off' } },
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig }
		}
	},
	{
		// Layers below the store run the same in a tab, a worker, Node and a test.
		files: ['src/{base,dialogue,environment,models,talk,search,evaluation,harvest,dataset}/**/*.ts'],
		ignores: ['src/models/*/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{ patterns: [{ group: ['node:*'], message: 'Only src/cli uses Node.' }] }
			],
			'no-restricted-globals': [
				'error',
				'window',
				'document',
				'indexedDB',
				'Worker',
				'self',
				'navigator',
				'process'
			]
		}
	}
);
