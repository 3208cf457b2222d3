import { float, repr } from '../../dialogue/template/jinja-values.ts';

/**
 * A number of JSON text as Python prints it, which is where trainers render templates: whole numbers of any size, all others as floats.
 * @param json one number
 */
export function pythonNumber(json: string): string {
	if (/^-?\d+$/.test(json)) return BigInt(json).toString();
	const value = Number(json);
	return Number.isFinite(value) ? repr(float(value)) : json;
}
