import { fieldsOf, valueAt, withValue, type OptionField } from '../../base/options.ts';
import type { ChosenPart } from '../../base/part.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { defaultParts, type RunChoices } from '../../run/config.ts';
import { partLists } from '../../search/compose.ts';
import type { PartRole } from '../../search/run-config.ts';

/** Where nobody chose one. */
const none = '';

/** Values that follow from something else, such as the chosen models, until the user says otherwise. */
export type Advice = (role: PartRole, field: OptionField) => Json | undefined;

/** The parts of the run that is being put together, and their options. */
export class PartChoices {
	/** What the user chose. */
	#kinds = $state<Partial<Record<PartRole, string>>>({});
	readonly #suited: () => Partial<Record<PartRole, string>>;
	/** What the user said, by role and kind: choosing another part and coming back forgets nothing. */
	#said = $state.raw<{ readonly [roleAndKind: string]: JsonObject }>({});

	/** @param suited kinds that follow from something else, such as the environment, until the user chooses */
	constructor(suited: () => Partial<Record<PartRole, string>>) {
		this.#suited = suited;
	}

	kindOf(role: PartRole): string {
		const usual = role === 'score' ? none : defaultParts[role].kind;
		return this.#kinds[role] ?? this.#suited()[role] ?? usual;
	}

	choose(role: PartRole, kind: string): void {
		this.#kinds[role] = kind;
	}

	/** The parts that can be chosen on the page. Nobody asks a person here, and a score may be left to the reward. */
	offered(role: PartRole): { readonly kind: string; readonly label: string }[] {
		const parts = [...partLists[role]].filter(({ kind }) => kind !== 'person');
		return [
			...(role === 'score' ? [{ kind: none, label: 'Share of goals earned' }] : []),
			...parts.map(({ kind, label }) => ({ kind, label }))
		];
	}

	fieldsOf(role: PartRole): OptionField[] {
		const kind = this.kindOf(role);
		return kind === none ? [] : fieldsOf(partLists[role].get(kind).options);
	}

	valueOf(role: PartRole, field: OptionField, advice: Advice): Json {
		return valueAt(this.#saidOf(role), field.path) ?? advice(role, field) ?? field.default;
	}

	set(role: PartRole, field: OptionField, value: Json): void {
		const key = `${role} ${this.kindOf(role)}`;
		this.#said = { ...this.#said, [key]: withValue(this.#saidOf(role), field.path, value) };
	}

	/** For `createRunConfig`. */
	chosen(advice: Advice): Pick<RunChoices, PartRole> {
		const roles = (Object.keys(partLists) as PartRole[]).filter((role) => this.kindOf(role) !== none);
		return Object.fromEntries(
			roles.map((role): [PartRole, ChosenPart] => [
				role,
				{
					...this.fieldsOf(role).reduce<JsonObject>(
						(options, field) => withValue(options, field.path, this.valueOf(role, field, advice)),
						{}
					),
					kind: this.kindOf(role)
				}
			])
		);
	}

	#saidOf(role: PartRole): JsonObject {
		return this.#said[`${role} ${this.kindOf(role)}`] ?? {};
	}
}
