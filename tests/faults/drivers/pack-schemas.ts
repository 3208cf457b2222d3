import { parseJson } from '../../../src/base/json-read.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { prepareSchema } from '../../../src/environment/schema.ts';
import type { FaultDriver } from '../fault-case.ts';

/** Looks at each of `schemas.json`: the paths of what is wrong with it. */
const packSchemas: FaultDriver = ({ text }) =>
	(parseJson(text('schemas.json')) as unknown as JsonObject[]).map((schema) =>
		prepareSchema(schema).problems.map(({ path }) => path)
	);

export default packSchemas;
