import { Random } from '../../../src/base/random.ts';

const places = ['Quay', 'Mill Lane', 'Señor Çelik', 'Platform 9', 'the old town'];
const subjects = ['table', 'ferry', 'invoice', 'garden', 'parcel', 'lesson'];
const verbs = ['book', 'move', 'cancel', 'describe', 'compare'];

/** Ways to answer that call nothing; `tool` is the name of one. */
const forms: readonly ((say: Say) => string)[] = [
	// Prose.
	({ one }) => `You can ${one(verbs)} the ${one(subjects)} at ${one(places)} until noon. Shall I go on?`,
	({ n }) => `It costs ${n}.50 [for ${n} people] (tax included) {see below}.`,
	({ one, n }) => `1. ${one(subjects)}\n2. ${one(subjects)}\n\n* ${n} left\n- none`,
	({ one }) => `I call that a ${one(subjects)}; the function of it = unknown.`,
	({ one }) => `> ${one(places)}\n\nAction: none. Thought: fine.`,
	// JSON.
	({ json, one, n }) => json({ name: one(places), guests: n, open: true }),
	({ json, one, n }) =>
		json([
			{ name: one(places), price: n },
			{ name: one(places), price: n + 1 }
		]),
	({ json, one }) => json({ result: { type: one(subjects), parameters: [1, 2, 3] } }),
	({ json, one, n }) =>
		`Here it is:\n\`\`\`json\n${json({ id: n, what: one(subjects) })}\n\`\`\`\nAnything else?`,
	({ n }) => `[${n}, ${n + 1}, null]`,
	// Code and markup.
	({ one, n }) =>
		`\`\`\`python\ndef price(${one(subjects)}=${n}):\n    return [x(y=1) for x in range(${n})]\n\`\`\``,
	({ one, n }) => `\`\`\`js\nconst a = { name: '${one(subjects)}', args: [${n}] };\nrun(a);\n\`\`\``,
	({ one }) => `<p class="x">${one(places)}</p>\n<function>none</function>`,
	({ one, n }) => `| what | count |\n| --- | --- |\n| ${one(subjects)} | ${n} |`,
	({ one }) => `# ${one(places)}\n\nSee [the ${one(subjects)}](https://example.org/a(b)).`,
	({ one, n }) => `${one(subjects)}:\n  name: ${one(places)}\n  arguments:\n    n: ${n}`
];

/** Ways to speak of a tool that are no calls in any syntax. */
const naming: readonly ((say: Say & { readonly tool: string }) => string)[] = [
	({ tool, one }) => `I used ${tool} to ${one(verbs)} the ${one(subjects)} at ${one(places)}.`,
	({ tool, one }) => `There is \`${tool}\`, which can ${one(verbs)} it; shall I?`,
	({ tool, one }) => `Calling ${tool}(place='${one(places)}') would tell us, but first: how many are you?`,
	({ tool, one, n }) =>
		`\`\`\`python\nfree = ${tool}(place="${one(places)}", guests=${n})\nprint(free)\n\`\`\``,
	({ tool, one, n }) => `\`\`\`js\nawait ${tool}({ place: '${one(places)}', guests: ${n} });\n\`\`\``,
	({ tool, one }) => `\`\`\`bash\ncurl -d '{"name": "${tool}"}' https://example.org/${one(subjects)}\n\`\`\``,
	({ tool, json, one }) => json({ tool, input: { place: one(places) } }),
	({ tool, json, n }) => json({ action: tool, guests: n }),
	({ tool, json }) => json({ name: tool, description: 'Lists what is free.' }),
	({ tool, json }) => json([{ name: tool }, { name: 'another' }]),
	({ tool, json, one }) => json({ [tool]: { place: one(places) } }),
	({ tool, json, one }) => `My answer:\n${json({ used: [tool], found: one(subjects) })}`,
	({ tool, json, n }) =>
		`\`\`\`json\n${json({ tools: [{ type: 'function', function: { name: tool } }], n })}\n\`\`\``,
	({ tool, one }) => `${tool}: ${one(places)}\n${tool} -> ${one(subjects)}`,
	({ tool, one }) => `${tool}\nlists every ${one(subjects)} there is.`,
	({ tool }) => `# Tools\n\n* [${tool}](https://example.org/${tool})\n* **${tool}**: see above`,
	({ tool, one }) => `| tool | for |\n| --- | --- |\n| ${tool} | ${one(subjects)} |`,
	({ tool, one, n }) => `tool: ${tool}\nplace: ${one(places)}\nguests: ${n}`,
	({ tool, one }) => `<${tool} place="${one(places)}"/>`,
	({ tool, one }) => `<call name="${tool}">${one(places)}</call>`,
	({ tool }) => `[${tool}]`,
	({ tool }) => `(${tool}, another) = [${tool}, another]`,
	({ tool, one }) => `[${one(subjects)}, ${tool}, ${one(subjects)}] are my tools.`,
	({ tool, one }) =>
		`I would write \`<tool_call>\` or \`[TOOL_CALLS]\` and then ${tool} with "${one(places)}".`,
	({ tool, one }) => `"${tool}" and {"${tool}"} and {${tool}: ${one(subjects)}} mean the same to me.`,
	({ tool, one }) =>
		`Step 1: ${tool}. Step 2: ${one(verbs)} the ${one(subjects)}; {name} and {arguments} are blanks.`,
	({ tool, n }) => `${tool} returned ${n} rows:\n${n}. a\n${n + 1}. b`,
	({ tool, one }) => `@${tool} place=${one(places)}`,
	({ tool, one }) => `${tool} place="${one(places)}" guests=2`,
	({ tool, one }) => `SELECT * FROM ${tool} WHERE place = '${one(places)}';`
];

interface Say {
	readonly one: (texts: readonly string[]) => string;
	readonly n: number;
	readonly json: (value: unknown) => string;
}

/** Prose, code, JSON and Markdown; half of them name a tool. Equal seeds give equal answers. */
export function answers(count: number, tools: readonly string[], seed: number): string[] {
	const random = new Random(seed);
	const one = <Value>(values: readonly Value[]): Value => values[Math.floor(random.next() * values.length)]!;
	return Array.from({ length: count }, () => {
		const say: Say = {
			one,
			n: Math.floor(random.next() * 90) + 2,
			json: (value) => JSON.stringify(value, undefined, one([undefined, 1, 2, '\t']))
		};
		const parts = Array.from({ length: one([1, 1, 1, 2, 3]) }, () =>
			random.next() < 0.5 ? one(forms)(say) : one(naming)({ ...say, tool: one(tools) })
		);
		return parts.join('\n\n');
	});
}
