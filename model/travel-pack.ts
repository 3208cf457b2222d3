/** Writes the travel pack that ships with the app: `npx tsx model/travel-pack.ts` → public/packs/travel.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { writePackText } from '../src/environment/pack-text.ts';
import { generateTravel, shippedSeed } from '../src/environment/travel/travel.ts';

const folder = new URL('../public/packs/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('travel.json', folder), writePackText(generateTravel(shippedSeed).pack));
