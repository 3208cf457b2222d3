import { fnv1a32 } from '../../base/hash.ts';

/**
 * The id that stands for a call's own where only nine letters and digits are taken (Mistral). It depends on nothing else, so a call and
 * its result agree.
 */
export function nineCharacterId(id: string): string {
	if (/^[A-Za-z0-9]{9}$/.test(id)) return id;
	const digits = [id, `${id}#`].map((text) => fnv1a32(text).toString(36).padStart(7, '0'));
	return digits.join('').slice(-9);
}
