import { plainCuration, type CurationOptions } from '../../src/dataset/curation/curation.ts';
import { writeDataset, type DatasetJob } from '../../src/dataset/dataset.ts';
import type { ScenarioTree } from '../../src/harvest/examples.ts';
import { plainFormats } from '../../src/dataset/formats/index.ts';
import { MemoryScratch, MemorySink } from '../../src/dataset/memory-files.ts';
import type { DatasetFormat } from '../../src/dataset/format.ts';

/** The plain dataset files of searches, in memory. */
export async function harvestFiles(
	searches: readonly ScenarioTree[] | DatasetJob['searches'],
	{
		formats = plainFormats,
		...curation
	}: Partial<CurationOptions> & { formats?: readonly DatasetFormat[] } = {}
) {
	const sink = new MemorySink();
	const summary = await writeDataset({
		searches: typeof searches === 'function' ? searches : () => searches,
		formats,
		layout: 'plain',
		curation: { ...plainCuration, ...curation },
		sink,
		scratch: new MemoryScratch()
	});
	return { files: sink.files, summary };
}
