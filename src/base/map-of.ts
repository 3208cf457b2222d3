import * as v from 'valibot';
import { isJsonObject } from './json.ts';

/**
 * A schema of an object whose members are all of one kind, by names that others gave: valibot's `record` leaves out `__proto__`, `prototype`
 * and `constructor`.
 */
export function mapOf<const Member extends v.GenericSchema>(member: Member, message = 'must be an object') {
	return v.pipe(
		v.custom<Readonly<Record<string, v.InferOutput<Member>>>>(isJsonObject, message),
		v.rawCheck(({ dataset, addIssue }) => {
			if (!dataset.typed) return;
			const input = dataset.value;
			for (const [key, value] of Object.entries(input)) {
				const place = { type: 'object', origin: 'value', input, key, value } as const;
				for (const { message, expected, received, path = [] } of v.safeParse(member, value).issues ?? [])
					addIssue({ message, ...(expected && { expected }), received, path: [place, ...path] });
			}
		})
	);
}
