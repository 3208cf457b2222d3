import { describe, expect, it } from 'vitest';
import { faultCases, type FaultDriver } from './fault-case.ts';

const drivers = import.meta.glob<FaultDriver>('./drivers/*.ts', { import: 'default' });

/** Faults that were found once, most of them in public reports about other tools; `tests/cases/faults/README.md` has the form. */
describe('faults', () => {
	for (const fault of faultCases()) {
		it(`${fault.name}: ${fault.what}`, async () => {
			const driver = await drivers[`./drivers/${fault.driver}.ts`]?.();
			if (!driver) throw new Error(`there is no driver "${fault.driver}" in tests/faults/drivers`);
			expect(await driver(fault)).toEqual(fault.expect);
		});
	}
});
