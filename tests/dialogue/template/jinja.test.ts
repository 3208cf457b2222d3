import { describe, expect, it } from 'vitest';
import { JinjaTemplate, TemplateRefusal } from '../../../src/dialogue/template/jinja.ts';

const render = (source: string, values: Readonly<Record<string, unknown>> = {}) =>
	new JinjaTemplate(source).render(values);

const cases = (rows: readonly (readonly [source: string, expected: string])[], values = {}) => {
	for (const [source, expected] of rows) expect(render(source, values), source).toBe(expected);
};

describe('values as Python prints them', () => {
	it('writes None, booleans, numbers, lists and objects', () => {
		cases(
			[
				['{{ none }} {{ true }} {{ no }}', 'None True False'],
				['{{ 1 }} {{ 1.0 }} {{ 2.5 }} {{ 4 / 2 }}', '1 1.0 2.5 2.0'],
				['{{ 10000000000000000.0 }} {{ 0.00001 }} {{ 0.0001 }}', '1e+16 1e-05 0.0001'],
				['{{ [1, "a", none] }} {{ (1, 2) }}', "[1, 'a', None] (1, 2)"],
				['{{ data }}', "{'a': [True, None], 'b': {'c': \"it's\"}}"],
				['{{ data|string }}', "{'a': [True, None], 'b': {'c': \"it's\"}}"],
				['{{ none|string }}{{ true|string }}', 'NoneTrue'],
				['{{ "a" ~ none ~ 1 ~ true }}', 'aNone1True'],
				['{{ ["Zürich\\n", "🙂"] }}', "['Zürich\\n', '🙂']"],
				['{{ data.nowhere }}|{{ nowhere }}', '|']
			],
			{ no: false, data: { a: [true, null], b: { c: "it's" } } }
		);
	});

	it('writes JSON as json.dumps does', () => {
		cases(
			[
				['{{ data|tojson }}', '{"b": "é\\n", "a": [1, true, null]}'],
				['{{ data|tojson(ensure_ascii=True) }}', '{"b": "\\u00e9\\n", "a": [1, true, null]}'],
				['{{ data|tojson(indent=2) }}', '{\n  "b": "é\\n",\n  "a": [\n    1,\n    true,\n    null\n  ]\n}'],
				['{{ data|tojson(separators=(",", ":"), sort_keys=True) }}', '{"a":[1,true,null],"b":"é\\n"}'],
				['{{ {"empty": {}, "list": []}|tojson(indent=4) }}', '{\n    "empty": {},\n    "list": []\n}'],
				['{{ 1.0|tojson }}', '1.0']
			],
			{ data: { b: 'é\n', a: [1, true, null] } }
		);
		expect(() => render('{{ nowhere|tojson }}')).toThrow(/not JSON serializable/);
	});
});

describe('what @huggingface/jinja lacks', () => {
	it('takes whole numbers as keys', () => {
		cases([
			[
				"{% set names = {0: 'zero', 512: 'some'} %}{{ names[512] }}{% for k, v in names.items() %}{{ k + 1 }}{{ v }}{% endfor %}",
				'some1zero513some'
			],
			[
				"{% set names = {1: 'one'} %}{{ names.get(1) }}{{ names.get(2, 'none') }}{{ 1 in names }}",
				'onenoneTrue'
			]
		]);
	});

	it('formats text', () => {
		cases([
			["{{ '{}-{}'.format('a', 1) }} {{ '{1}{0}'.format('a', 'b') }}", 'a-1 ba'],
			["{{ '{name}: {{x}}'.format(name='n') }}", 'n: {x}']
		]);
		expect(() => render("{{ '{:>3}'.format(1) }}")).toThrow(/str.format/);
		expect(() => render("{{ '{}'.format() }}")).toThrow(/nothing for/);
	});

	it('has the filters min, max, select, reject, map by name, round and unique', () => {
		cases([
			['{{ [3, 1, 2]|min }}{{ [3, 1, 2]|max }}', '13'],
			["{{ [1, none, '', 'a']|select|list }}{{ [1, 2]|reject('odd')|join }}", "[1, 'a']2"],
			["{{ ['a', 'b']|map('upper')|join(',') }}{{ [{'n': {'m': 1}}]|map(attribute='n.m')|first }}", 'A,B1'],
			["{{ [{'r': 'x'}, {'r': 'y'}]|selectattr('r', 'equalto', 'y')|list|length }}", '1'],
			['{{ none|select|list }}{{ 2.5|round }}{{ ["a", "A"]|unique|list }}', "[]2.0['a']"]
		]);
		expect(() => render('{{ 1|nowhere }}')).toThrow("No filter named 'nowhere'");
	});

	it('strips, splits and asks text as Python does', () => {
		cases([
			["{{ '\\n\\n a\\n'.strip('\\n') }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'xxaxx'.rstrip('x') }}", ' a|axx|xxa'],
			[
				"{{ 'a b  c'.split() }}{{ 'a.b.c'.split('.', 1) }}{{ 'a.b.c'.rsplit('.', 1) }}",
				"['a', 'b', 'c']['a', 'b.c']['a.b', 'c']"
			],
			[
				"{{ ' a  b c '.split(none, 1) }}{{ '12'.isdigit() }}{{ 'a\\nb\\n'.splitlines() }}",
				"['a', 'b c']True['a', 'b']"
			],
			[
				"{{ 'abc'.find('c') }}{{ 'abab'.count('ab') }}{{ ','.join(['a', 'b']) }}{{ 'aaa'.replace('a', 'b', 2) }}",
				'22a,bbba'
			],
			["{{ 'hELLO'.capitalize() }}{{ 'a'.startswith(('b', 'a')) }}{{ 'ab'.removeprefix('a') }}", 'HelloTrueb']
		]);
	});

	it('loops over text, and sees in a loop only what was set before it', () => {
		cases([
			["{% for c in 'ab🙂' %}[{{ c }}]{% endfor %}", '[a][b][🙂]'],
			[
				'{% for i in [1, 2] %}{% if seen is not defined %}{% set seen = i %}{{ seen }}{% endif %}{% endfor %}',
				'12'
			],
			[
				'{% for i in range(4) %}a{% if i == 1 %}b{% continue %}{% endif %}{% if i == 2 %}c{% break %}{% endif %}d{% endfor %}',
				'adabac'
			],
			['{% for i in nowhere %}x{% else %}none{% endfor %}', 'none'],
			['{% for k, v in {"a": 1}|dictsort %}{{ k }}{{ v }}{{ loop.last }}{% endfor %}', 'a1True'],
			['{% for i in [1, 2, 3] if i != 2 %}{{ i }}{{ loop.index }}{% endfor %}', '1132']
		]);
	});

	it('lets macros see where they were written', () => {
		expect(
			render(
				'{% macro show() %}{{ i is defined }}{{ top }}{% endmacro %}{% set top = 1 %}{% for i in [1] %}{{ show() }}{% endfor %}'
			)
		).toBe('False1');
		expect(
			render(
				'{% macro wrap(x) %}<{{ caller() }}{{ x }}>{% endmacro %}{% call wrap(none) %}{{ true }}{% endcall %}'
			)
		).toBe('<TrueNone>');
	});

	it('compares by value, and keeps text, numbers and nothing apart', () => {
		cases([
			[
				"{{ [1, {'a': none}] == [1, {'a': none}] }}{{ '' == 0 }}{{ nowhere == none }}{{ 1 == 1.0 }}{{ true == 1 }}",
				'TrueFalseFalseTrueTrue'
			],
			[
				"{{ 'b' in ['a', 'b'] }}{{ 'x' in 'xy' }}{{ 'x' in nowhere }}{{ 'a' < 'b' }}{{ -1 % 3 }}",
				'TrueTrueFalseTrue2'
			],
			['{{ [[1], [2]].index([2]) }}{{ [1, 2] + [3] }}', '1[1, 2, 3]']
		]);
	});

	it('asks for attributes as Python does: methods before keys by a dot, undefined ones once only', () => {
		const values = { schema: { items: { type: 'string' } }, word: 'text' };
		cases(
			[
				["{{ schema.items is callable }}{{ schema['items'].type }}", 'Truestring'],
				['{{ word.nowhere is defined }}{{ none.nowhere is defined }}', 'FalseFalse']
			],
			values
		);
		expect(() => render('{{ schema.nowhere.deeper }}', values)).toThrow("'nowhere' is undefined");
		expect(() => render('{{ nowhere.deeper }}')).toThrow("'nowhere' is undefined");
	});

	it('joins text with text only', () => {
		expect(() => render('{{ "a" + data }}', { data: { a: 1 } })).toThrow('cannot write str + dict');
		expect(() => render('{{ "a" + none }}')).toThrow('cannot write str + NoneType');
	});

	it('changes no value', () => {
		expect(() => render('{% set _ = data.append(1) %}', { data: [] })).toThrow();
		expect(() => render('{% set _ = data.pop("a") %}', { data: { a: 1 } })).toThrow();
	});
});

describe('rendering', () => {
	it('tells a refusal from an error, and says which day it is whatever is asked', () => {
		expect(() => render("{{ raise_exception('no tools') }}")).toThrow(new TemplateRefusal('no tools'));
		expect(() => render('{{ 1 + "a" }}')).not.toThrow(TemplateRefusal);
		expect(render("{{ strftime_now('%Y') }}")).toBe('26 Jul 2024');
	});

	it('stops what would loop for ever', () => {
		expect(() => render('{% for i in range(1000000) %}{% endfor %}')).toThrow(/loops more than/);
		expect(() => render('{% for i in range(0, 10, 0) %}{% endfor %}')).toThrow(/loops more than/);
	});

	it('leaves out tags for the trainer and trims blocks', () => {
		expect(render('{% if true %}\n  a\n{% generation %}b{% endgeneration %}\n{% endif %}\n')).toBe('  a\nb');
	});
});
