/**
 * The second kind of dialogue in the corpus: small questions about facts that the prompt states, words, numbers and days. It
 * keeps a model that otherwise only sees travel desks from taking every prompt for one.
 */
import type { Random } from '../src/base/random.ts';
import { writeUserPrompt } from '../src/environment/prompts.ts';
import type { PlainMessage } from '../src/dialogue/message.ts';
import { capital, list, say, withArticle } from '../src/environment/travel/grammar.ts';
import { adjectives, days, foods, nouns, prices } from '../src/environment/travel/words.ts';

const people =
	'Anna Ben Clara David Emma Felix Greta Henry Iris Jack Kate Leo Maria Nick Olga Paul Rosa Sam Tina Victor'.split(
		' '
	);
const pets = 'dog cat horse parrot rabbit mouse goat hen duck turtle'.split(' ');
const colours = 'red blue green yellow black white brown grey orange pink'.split(' ');
const skies = 'sunny rainy cloudy windy snowy foggy'.split(' ');
const opposites = [
	['hot', 'cold'],
	['big', 'small'],
	['old', 'new'],
	['early', 'late'],
	['open', 'closed'],
	['fast', 'slow'],
	['full', 'empty'],
	['wet', 'dry'],
	['light', 'dark'],
	['high', 'low']
] as const;

/** One thing to talk about. */
export interface Topic {
	/** What the agent's prompt states. */
	readonly fact?: string;
	/** What the user's prompt asks it to do. */
	readonly goal: string;
	readonly question: string;
	readonly answer: string;
	/** What every right answer holds. */
	readonly key?: string;
}

type TopicMaker = (random: Random) => Topic;

export const topics: readonly TopicMaker[] = [
	function sum(random) {
		const a = random.integer(1, 12);
		const b = random.integer(1, 12);
		const [sign, x, y, z] = random.chance(0.5) ? ['plus', a, b, a + b] : ['minus', a + b, a, b];
		return {
			goal: say(random, '{Ask|Find out} what <x> <sign> <y> is.', { x, sign, y }),
			question: say(
				random,
				'{What is <x> <sign> <y>?|Can you tell me what <x> <sign> <y> is?|How much is <x> <sign> <y>?}',
				{ x, sign, y }
			),
			answer: say(random, '{<x> <sign> <y> is <z>.|That is <z>.|It is <z>.}', { x, sign, y, z }),
			key: String(z)
		};
	},
	function larger(random) {
		const [a, b] = random.sample(
			Array.from({ length: 60 }, (_, i) => i + 1),
			2
		) as [number, number];
		return {
			goal: `Ask which is larger, ${a} or ${b}.`,
			question: say(random, '{Which is larger, <a> or <b>?|Is <a> or <b> larger?}', { a, b }),
			answer: say(random, '{<x> is larger.|<x> is larger than <y>.}', {
				x: Math.max(a, b),
				y: Math.min(a, b)
			}),
			key: `${Math.max(a, b)} is larger`
		};
	},
	function count(random) {
		const from = random.integer(1, 9);
		const to = from + random.integer(3, 7);
		return {
			goal: `Ask it to count from ${from} to ${to}.`,
			question: say(
				random,
				'{Please count from <from> to <to>.|Can you count from <from> to <to>?|Count from <from> to <to>.}',
				{ from, to }
			),
			answer: `${Array.from({ length: to - from + 1 }, (_, i) => from + i).join(', ')}.`
		};
	},
	function spell(random) {
		const word = random.pick([...nouns, ...adjectives]).toLowerCase();
		return {
			goal: `Ask how to spell ${word}.`,
			question: say(random, '{How do you spell <word>?|Please spell <word>.|Can you spell <word>?}', {
				word
			}),
			answer: `${[...word].join('-')}.`
		};
	},
	function opposite(random) {
		const [word, other] = random.shuffle(random.pick(opposites)) as [string, string];
		return {
			goal: `Ask for the opposite of ${word}.`,
			question: say(random, '{What is the opposite of <word>?|Tell me the opposite of <word>.}', { word }),
			answer: say(random, '{The opposite of <word> is <other>.|It is <other>.}', { word, other }),
			key: other
		};
	},
	function nextDay(random) {
		const index = random.integer(0, 6);
		const [where, step] = random.chance(0.6) ? ['after', 1] : ['before', 6];
		const day = days[index]!;
		const other = days[(index + Number(step)) % 7]!;
		return {
			goal: `Ask what day comes ${where} ${day}.`,
			question: say(random, '{What|Which} day comes <where> <day>?', { where: String(where), day }),
			answer: say(random, '{It is <other>.|That is <other>.|<other> comes <where> <day>.}', {
				other,
				where: String(where),
				day
			}),
			key: other
		};
	},
	function pet(random) {
		const who = random.pick(people);
		const what = `${random.pick(colours)} ${random.pick(pets)}`;
		return {
			fact: `${who} has ${withArticle(what)}.`,
			goal: say(random, '{Ask|Find out} what pet <who> has.', { who }),
			question: say(random, '{What pet does <who> have?|Which pet does <who> have?|Does <who> have a pet?}', {
				who
			}),
			answer: say(random, '{<who> has <what>.|It is <what>.}', { who, what: withArticle(what) }),
			key: what
		};
	},
	function meal(random) {
		const who = random.pick(people);
		const food = random.pick(foods);
		return {
			fact: `${who} likes ${food} food.`,
			goal: say(random, '{Ask|Find out} what food <who> likes.', { who }),
			question: say(
				random,
				'{What food does <who> like?|Which food does <who> like?|What does <who> like to eat?}',
				{ who }
			),
			answer: say(random, '{<who> likes <food> food.|It is <food> food.}', { who, food }),
			key: food
		};
	},
	function weather(random) {
		const day = random.pick(days);
		const sky = random.pick(skies);
		return {
			fact: `On ${day} it is ${sky}.`,
			goal: say(random, '{Ask|Find out} what the weather is like on <day>.', { day }),
			question: say(random, '{What is the weather like on <day>?|How is the weather on <day>?}', { day }),
			answer: say(random, '{On <day> it is <sky>.|It is <sky>.}', { day, sky }),
			key: sky
		};
	},
	function shop(random) {
		const name = `${random.pick(adjectives)} ${random.pick(nouns)} Shop`;
		const thing = `${random.pick(prices)} ${random.pick(['shoes', 'books', 'cakes', 'hats', 'lamps', 'toys'])}`;
		return {
			fact: `${name} sells ${thing}.`,
			goal: `Ask what ${name} sells.`,
			question: say(random, '{What does <name> sell?|What can I buy at <name>?}', { name }),
			answer: say(random, '{<name> sells <thing>.|You can buy <thing> there.}', { name, thing })
		};
	},
	function secret(random) {
		const who = random.pick(people);
		const what = random.pick(['birthday', 'address', 'favourite song', 'phone number']);
		return {
			goal: `Ask for the ${what} of ${who}.`,
			question: say(random, '{What is the <what> of <who>?|Do you know the <what> of <who>?}', { what, who }),
			answer: say(random, '{Sorry, I do not know that.|I do not know the <what> of <who>.}', { what, who })
		};
	},
	function echo(random) {
		const words = list(random.sample(nouns, random.integer(2, 4)).map((word) => word.toLowerCase()));
		return {
			goal: `Ask it to say ${words}.`,
			question: say(random, '{Please say <words>.|Can you say <words>?|Say <words>.}', { words }),
			answer: `${capital(words)}.`
		};
	},
	function mood(random) {
		return {
			goal: 'Ask how it is.',
			question: say(random, '{How are you?|How are you today?|How is it going?}'),
			answer: say(random, '{I am fine, thank you.|Very well, thanks.|I am fine. And you?}')
		};
	}
];

/** What the agent's model is told before a chat. */
export function agentPrompt(facts: readonly string[]): string {
	return ['You are a helpful assistant. Answer briefly.', ...facts].join('\n');
}

/** What the user's model is told, with places for goals and stop words. */
export const userPrompt =
	'You chat with an assistant. Your goals:\n{{goals}}\nWhen all is done, say {{stop}}.';

/** A chat as the agent's model and the user's model read it. */
export function chat(random: Random, stop: string): { agent: PlainMessage[]; user: PlainMessage[] } {
	const chosen = random.sample(topics, random.integer(2, 4)).map((make) => make(random));
	// Facts that nobody asks for: the answer has to be looked for.
	const others = random.sample(topics, 4).map((make) => make(random).fact);
	const subjects = chosen.map(({ fact }) => fact?.split(' ').slice(0, 2).join(' '));
	const spare = others.filter(
		(fact) => fact !== undefined && !subjects.includes(fact.split(' ').slice(0, 2).join(' '))
	);
	const facts = random.shuffle(
		[...chosen.map(({ fact }) => fact), ...spare].filter((fact) => fact !== undefined)
	);

	const agent: PlainMessage[] = [{ role: 'system', content: agentPrompt(facts) }];
	const user: PlainMessage[] = [
		{
			role: 'system',
			content: writeUserPrompt(
				{ agent: '', user: userPrompt, stop },
				chosen.map(({ goal }) => goal)
			)
		}
	];
	chosen.forEach(({ question, answer }, index) => {
		const words =
			`${index === 0 ? say(random, '{|||Hi.|Hello.}') : say(random, '{|||Thanks.|OK.|Good.}')} ${question}`.trim();
		agent.push({ role: 'user', content: words }, { role: 'assistant', content: answer });
		user.push({ role: 'assistant', content: words }, { role: 'user', content: answer });
	});
	user.push({
		role: 'assistant',
		content: say(random, '{That is all.|Thanks.|Thank you.|That is everything.} {|Bye.|Goodbye.} <stop>', {
			stop
		})
	});
	return { agent, user };
}
