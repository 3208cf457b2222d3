import { expect, it } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { plainCuration, trainingCuration } from '../../src/dataset/curation/curation.ts';
import { writeDataset } from '../../src/dataset/dataset.ts';
import { datasetFormats, plainFormats } from '../../src/dataset/formats/index.ts';
import { Ledger, writeText } from '../../src/dataset/ledger.ts';
import { manifestText } from '../../src/dataset/manifest.ts';
import { MemoryScratch, MemorySink } from '../../src/dataset/memory-files.ts';
import type { RunConfig, RunOrigin } from '../../src/search/run-config.ts';
import { smallTree } from '../harvest/desk.ts';

interface Manifest {
	readonly files: readonly {
		name: string;
		sha256: string;
		bytes: number;
		rows?: number;
		format?: string;
		toolNames?: Record<string, string>;
	}[];
}

const common = {
	madeBy: { name: 'joshtree', version: '0.1.0' },
	run: { id: 'r1', createdAt: '2026-01-01T00:00:00Z' },
	config: { scenarios: ['one'], seed: 7 } as unknown as RunConfig,
	origin: { eventSchema: 1 } as unknown as RunOrigin
};

it.each([
	['plain', plainFormats, plainCuration],
	['folder', [...datasetFormats.values()], trainingCuration]
] as const)('says what is in the files (%s) and what made them', async (layout, formats, curation) => {
	const sink = new MemorySink();
	const ledger = new Ledger(sink);
	const summary = await writeDataset({
		searches: () => [smallTree()],
		formats,
		layout,
		curation,
		sink: ledger,
		scratch: new MemoryScratch()
	});
	await writeText(ledger, 'events.jsonl', 'application/jsonl', '{}\n');
	const tools = [{ name: 'maps.search', description: '', parameters: {} }];
	const report = { columns: [] };
	const thoughts = 'thinking';
	const text = manifestText({
		...common,
		curation,
		thoughts,
		formats,
		tools,
		summary,
		report,
		files: ledger.files
	});
	expect(text.endsWith('}\n')).toBe(true);
	const manifest = JSON.parse(text) as Manifest;
	expect(manifest).toMatchObject({
		manifest: 'joshtree-manifest/1',
		...common,
		counts: { scenarios: 1, examples: { sft: 1, kto: { true: 6, false: 2 }, dpo: 2 } },
		harvest: curation,
		thoughts,
		leftOut: [],
		check: report
	});
	for (const [index, { name, sha256: hash, bytes, rows, format, toolNames }] of manifest.files.entries()) {
		expect(toolNames).toEqual(name.startsWith('openai/') ? { 'maps.search': 'maps_search' } : undefined);
		const file = sink.files[index]!;
		const content = await file.content.text();
		expect(name).toBe(file.name);
		expect(hash).toBe(await sha256(content));
		expect(bytes).toBe(file.content.size);
		const found = formats.find(({ fileName, pathOf }) => [fileName, pathOf('train')].includes(name));
		expect(format).toBe(found?.id);
		expect(rows).toBe(found && content.split('\n').length - 1);
	}
	expect(manifest.files.filter(({ rows }) => rows !== undefined)).toHaveLength(formats.length);
	expect(manifest.files.map(({ name }) => name)).toContain('events.jsonl');
});
