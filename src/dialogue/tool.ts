import type { JsonObject } from '../base/json.ts';

/** A tool as a model is told of it. `parameters` is a JSON Schema of type object. */
export interface ToolSpec {
	readonly name: string;
	readonly description: string;
	readonly parameters: JsonObject;
}
