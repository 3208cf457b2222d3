import { chosenFiles } from '../../../src/models/wllama/chosen-files.ts';
import { tinyGguf } from '../../models/fixtures/tiny-gguf.ts';
import type { GgufEntry } from '../../models/fixtures/write-gguf.ts';
import type { FaultDriver } from '../fault-case.ts';

/** What is said of a model file with each of the entries of `entries.json`; `null` stands for NaN. */
const gguf: FaultDriver = async (fault) => {
	const entries = JSON.parse(fault.text('entries.json')) as Record<string, GgufEntry>;
	const said: [string, string][] = [];
	for (const [key, entry] of Object.entries(entries)) {
		const change = 'f32' in entry ? { f32: entry.f32 ?? NaN } : entry;
		const file = new File([tinyGguf({ [key]: change })], 'model.gguf');
		said.push([
			key,
			await chosenFiles([file]).then(
				() => 'taken',
				(error: Error) => error.message
			)
		]);
	}
	return Object.fromEntries(said);
};

export default gguf;
