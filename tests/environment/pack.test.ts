import { describe, expect, test } from 'vitest';
import { PackError, parsePack } from '../../src/environment/pack.ts';
import type { PackProblem } from '../../src/environment/pack-problem.ts';
import { writePackText } from '../../src/environment/pack-text.ts';
import { deskPack } from './desk-pack.ts';

/** The problems of the small pack after `change`. */
function problemsAfter(change: (pack: ReturnType<typeof deskPack>) => void): readonly PackProblem[] {
	const pack = deskPack();
	change(pack);
	try {
		parsePack(pack);
	} catch (error) {
		if (error instanceof PackError) return error.problems;
		throw error;
	}
	return [];
}

const pathsAfter = (change: (pack: ReturnType<typeof deskPack>) => void): readonly string[] =>
	problemsAfter(change).map(({ path }) => path);

test('a good pack is taken as it is', () => {
	expect(parsePack(deskPack())).toEqual(deskPack());
});

test('its text is the same value again, one row a line', () => {
	const text = writePackText(parsePack(deskPack()));
	expect(JSON.parse(text)).toEqual(deskPack());
	expect(text.split('\n')).toContain('\t\t\t\t{"name":"Fox Grill","food":"thai","area":"north"},');
});

test('it may say what its tools are in a few words, as earlier ones had to', () => {
	const earlier = { ...deskPack(), toolsText: 'search_restaurant(name)' };
	expect(parsePack(earlier)).toBe(earlier);
	expect(parsePack(earlier, 'stored')).toBe(earlier);
});

describe('a pack is refused, with the place of what is wrong', () => {
	test.each<[string, (pack: ReturnType<typeof deskPack>) => void, string]>([
		['another format', (p) => (p.format = 'joshtree-pack/9'), '$.format'],
		['a missing member', (p) => delete (p as { license?: string }).license, '$.license'],
		['a language in words', (p) => Object.assign(p, { language: 'English' }), '$.language'],
		['a language that is no tag', (p) => Object.assign(p, { language: ['en', 'pt_BR'] }), '$.language'],
		['an unknown member', (p) => Object.assign(p, { code: 'x' }), '$.code'],
		['a prompt that is not text', (p) => Object.assign(p.prompts, { stop: 3 }), '$.prompts.stop'],
		['tools in a few words that are not text', (p) => Object.assign(p, { toolsText: null }), '$.toolsText'],
		[
			'a row without key',
			(p) => delete (p.tables.restaurant.rows[1] as { name?: string }).name,
			'$.tables.restaurant.rows[1]'
		],
		[
			'a key twice',
			(p) => (p.tables.restaurant.rows[1]!.name = 'Fox Grill'),
			'$.tables.restaurant.rows[1].name'
		],
		['an unknown operation', (p) => Object.assign(p.tools[0]!.do, { op: 'delete' }), '$.tools[0].do.op'],
		['a tool twice', (p) => (p.tools[1]!.name = 'search_restaurant'), '$.tools[1].name'],
		[
			'parameters that are no object',
			(p) => Object.assign(p.tools[0]!.parameters, { type: 'array' }),
			'$.tools[0].parameters.type'
		],
		[
			'a table that does not exist',
			(p) => Object.assign(p.tools[0]!.do, { from: 'hotel' }),
			'$.tools[0].do.from'
		],
		[
			'a parameter without column',
			(p) => Object.assign(p.tools[0]!.parameters.properties, { stars: {} }),
			'$.tools[0].do.from'
		],
		[
			'a comparison of nothing',
			(p) => Object.assign(p.tools[0]!.do, { compare: { time: 'at or after' } }),
			'$.tools[0].do.compare.time'
		],
		[
			'an unknown comparison',
			(p) => Object.assign(p.tools[0]!.do, { compare: { area: 'near' } }),
			'$.tools[0].do.compare.area'
		],
		[
			'a target that does not exist',
			(p) => Object.assign(p.tools[1]!.do, { into: 'orders' }),
			'$.tools[1].do.into'
		],
		[
			'a row without the key of its table',
			(p) => delete (p.tools[1]!.do.row as { ref?: string }).ref,
			'$.tools[1].do.row'
		],
		[
			'an unknown argument in a row',
			(p) => Object.assign(p.tools[1]!.do.row!, { people: '$args.persons' }),
			'$.tools[1].do.row.people'
		],
		[
			'an unknown column in a row',
			(p) => Object.assign(p.tools[1]!.do.row!, { name: '$row.title' }),
			'$.tools[1].do.row.name'
		],
		[
			'another template',
			(p) => Object.assign(p.tools[1]!.do.row!, { name: '$now' }),
			'$.tools[1].do.row.name'
		],
		[
			'a result that is no column',
			(p) => Object.assign(p.tools[1]!.do, { return: ['reference'] }),
			'$.tools[1].do.return[0]'
		],
		['a scenario twice', (p) => p.scenarios.push(p.scenarios[0]!), '$.scenarios[1].id'],
		['an unknown split', (p) => (p.scenarios[0]!.split = 'dev'), '$.scenarios[0].split'],
		['a user without goals', (p) => (p.scenarios[0]!.userGoals = []), '$.scenarios[0].userGoals'],
		['a goal twice', (p) => (p.scenarios[0]!.goals[1]!.id = 'search'), '$.scenarios[0].goals[1].id'],
		[
			'a goal with another tool',
			(p) => (p.scenarios[0]!.goals[0]!.name = 'find'),
			'$.scenarios[0].goals[0].name'
		],
		[
			'a goal whose call is refused',
			(p) => Object.assign(p.scenarios[0]!.goals[1]!.arguments, { people: 'two' }),
			'$.scenarios[0].goals[1].arguments'
		]
	])('%s', (_, change, path) => {
		expect(pathsAfter(change)).toContain(path);
	});

	test('tools have names as MCP has them, of 128 characters at most', () => {
		const named = (name: string) => (p: ReturnType<typeof deskPack>) => {
			p.tools[1]!.name = name;
			p.scenarios[0]!.goals[1]!.name = name;
		};
		for (const name of ['desk.book', 'desk/book-1', '__proto__', 'x'.repeat(128)])
			expect(pathsAfter(named(name)), name).toEqual([]);
		for (const name of ['a b', 'büro', 'x'.repeat(129)])
			expect(pathsAfter(named(name)), name).toEqual(['$.tools[1].name']);
	});

	test('a pack that is stored with a run may have schemas that cannot be used, and nothing else', () => {
		const pack = deskPack();
		Object.assign(pack.tools[0]!.parameters.properties, { name: { type: 'float' } });
		expect(() => parsePack(pack)).toThrow(PackError);
		expect(parsePack(pack, 'stored')).toBe(pack);
		Object.assign(pack.tools[0]!.do, { from: 'hotel' });
		expect(() => parsePack(pack, 'stored')).toThrow('$.tools[0].do.from');
	});

	test('all problems at once', () => {
		const paths = pathsAfter((pack) => {
			pack.scenarios[0]!.goals[0]!.name = 'find';
			Object.assign(pack.tools[1]!.do, { return: ['reference'] });
		});
		expect(paths).toEqual(['$.tools[1].do.return[0]', '$.scenarios[0].goals[0].name']);
	});

	test('what to do is said', () => {
		expect(problemsAfter((pack) => (pack.scenarios[0]!.goals[0]!.name = 'find'))[0]?.message).toBe(
			'there is no tool "find"; name one of search_restaurant, book_restaurant'
		);
		expect(problemsAfter((pack) => delete (pack as { license?: string }).license)[0]?.message).toBe(
			'is missing'
		);
	});

	test.each([null, 3, 'text', [], {}])('%j is no pack', (json) => {
		expect(() => parsePack(json)).toThrow(PackError);
	});
});
