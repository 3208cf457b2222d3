import { expect, test } from 'vitest';
import type { Message } from '../../src/dialogue/message.ts';
import { damage } from '../../src/dataset/check/damage.ts';
import { Rendering } from '../../src/dataset/check/rendering.ts';

const given = '{"id": 2512292042121000001, "price": 2.0, "rate": 1e2, "code": "2.0", "days": 2}';
const messages: Message[] = [
	{
		role: 'assistant',
		content: '',
		tool_calls: [
			{
				id: 'a',
				type: 'function',
				function: {
					name: 'pay',
					arguments: { id: 2512292042121000001n, price: 2, rate: 100, code: '2.0', days: 2 },
					argumentsText: given
				}
			}
		]
	}
];
const tools = [
	{ name: 'pay', description: '', parameters: { type: 'object', properties: { id: { enum: [2n ** 60n] } } } }
];

function rendered(template: string): string {
	const result = new Rendering({ name: 'm', chatTemplate: template }).whole(messages, tools);
	if ('problem' in result) throw new Error(result.problem);
	return result.text;
}

test('a template writes the numbers of a call and of a schema as Python prints them', () => {
	const call = 'messages[0].tool_calls[0].function';
	expect(rendered(`{{ ${call}.arguments | tojson }}`)).toBe(given.replace('1e2', '100.0'));
	expect(rendered(`{% for k, v in ${call}.arguments.items() %}{{ k }}={{ v }} {% endfor %}`)).toBe(
		'id=2512292042121000001 price=2.0 rate=100.0 code=2.0 days=2 '
	);
	expect(rendered('{{ tools[0].function.parameters.properties.id | tojson }}')).toBe(
		'{"enum": [1152921504606846976]}'
	);
});

test('numbers that a template writes as they were written are not missed', () => {
	expect([...damage(`pay ${given}`, messages)]).toEqual([]);
	expect([...damage(`pay ${given.replace('0001', '0000')}`, messages)]).toMatchObject([
		{ reason: 'the chat template drops an argument', detail: 'pay: 2512292042121000001' }
	]);
});
