import { UsageError } from '../../scripts/flags.ts';

export const splits = ['train', 'val', 'test'] as const;

/** @throws {UsageError} unless it is a whole number in that range */
export function integer(flag: string, value: string | number, low: number, high: number): number {
	if (typeof value === 'string' && !/^\d+$/.test(value)) {
		throw new UsageError(`${flag} takes a whole number from ${low} to ${high}, not "${value}".`);
	}
	return inRange(flag, Number(value), low, high);
}

/** @throws {UsageError} unless it is a number in that range */
export function number(flag: string, value: string | number, low: number, high: number): number {
	if (typeof value === 'string' && !/^\d*\.?\d+$/.test(value)) {
		throw new UsageError(`${flag} takes a number from ${low} to ${high}, not "${value}".`);
	}
	return inRange(flag, Number(value), low, high);
}

function inRange(flag: string, value: number, low: number, high: number): number {
	if (value < low || value > high) throw new UsageError(`${flag} takes ${low} to ${high}, not ${value}.`);
	return value;
}

/** @throws {UsageError} unless it is one of the values */
export function oneOf<const Value extends string>(
	flag: string,
	value: string,
	values: readonly Value[]
): Value {
	const found = values.find((one) => one === value);
	if (found === undefined) throw new UsageError(`${flag} takes ${values.join(', ')}, not "${value}".`);
	return found;
}
