/**
 * Writes a travel pack: `npx tsx model/travel-pack.ts [--seed S] [--out FILE]`. Without flags it is the one that ships with the app;
 * another seed has other places, trains and scenarios.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { integer } from '../src/cli/flag-values.ts';
import { writePackText } from '../src/environment/pack-text.ts';
import { generateTravel, shippedSeed } from '../src/environment/travel/travel.ts';

const shipped = join(import.meta.dirname, '..', 'public', 'packs', 'travel.json');

const { seed, out } = parseArgs({ options: { seed: { type: 'string' }, out: { type: 'string' } } }).values;
const number = integer('--seed', seed ?? shippedSeed, 0, 999_999);
if (number !== shippedSeed && out === undefined)
	throw new Error('--out is missing: only the shipped pack has a place of its own');
const file = out ?? shipped;
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, writePackText(generateTravel(number).pack));
