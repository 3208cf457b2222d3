import type { JsonObject } from '../../base/json.ts';
import type { TemplateFacts } from '../../dialogue/template/chat-template.ts';

/** What an identity's settings and a template's facts have in common. */
type Told = JsonObject | Pick<TemplateFacts, 'tools' | 'losses'>;

const forms: Readonly<Record<string, string>> = {
	native: "tools in its template's own form",
	hermes: 'tools as Hermes text',
	schema: 'tools as Hermes text',
	compact: 'tools by name only'
};

/** How a model is told of its tools; nothing if that is not recorded. */
export function toolsInWords({ tools }: Told): string | undefined {
	return typeof tools === 'string' ? forms[tools] : undefined;
}

/** What its prompts lose, in sentences. */
export function lossesOf({ losses }: Told): readonly string[] {
	return Array.isArray(losses) ? losses.map(String) : [];
}
