import { Random } from '../src/base/random.ts';
import type { Environment, Goal, Scenario } from '../src/environment/environment.ts';
import type { Pack } from '../src/environment/pack-format.ts';
import { createEnvironment } from '../src/environment/pack-environment.ts';

/** Rows for which the tables are about 1.3 MB of JSON, as large as a retail environment's state. */
const usualOrders = 5000;

/**
 * A shop with `orders` orders whose tools, all alike, add a row to a table.
 * @param goals the orders that have to be changed, by the first tool, in each of the scenarios
 */
export function retailEnvironment(
	goals: readonly number[],
	{ orders = usualOrders, tools = 1, scenarios = 1 } = {}
): {
	readonly environment: Environment;
	readonly scenario: Scenario;
	readonly pack: Pack;
	readonly tables: Pack['tables'];
	/** Bytes of the tables as JSON. */
	readonly bytes: number;
} {
	const random = new Random('retail');
	const rows = Array.from({ length: orders }, (_, i) => ({
		id: `#W${100_000 + i}`,
		user: `customer_${random.integer(1, 500)}`,
		status: random.pick(['pending', 'processed', 'delivered', 'cancelled']),
		address: `${random.integer(1, 999)} ${random.pick(['Oak', 'Elm', 'Hill', 'Lake'])} Street, Springfield, ${random.integer(10_000, 99_999)}`,
		items: Array.from({ length: 3 }, () => ({
			product: String(random.integer(1e9, 9e9)),
			price: random.integer(5, 900)
		})),
		payment: `credit_card_${random.integer(1e6, 9e6)}`
	}));
	const scenario: Scenario = {
		id: 'retail',
		split: 'train',
		domains: ['retail'],
		userGoals: ['You want several orders changed.'],
		goals: goals.map((number): Goal => ({
			id: `goal ${number}`,
			name: 'change_order',
			arguments: { order: rows[number]!.id },
			match: 'subset'
		}))
	};
	const pack: Pack = {
		format: 'joshtree-pack/1',
		id: 'retail',
		title: 'Retail',
		license: 'MIT',
		source: 'made by the benchmark',
		prompts: { agent: 'You help customers.', user: 'You want:\n{{goals}}\nThen say {{stop}}.', stop: 'STOP' },
		tables: { orders: { key: 'id', rows }, changes: { key: 'ref', rows: [] } },
		tools: Array.from({ length: tools }, (_, i) => ({
			name: i === 0 ? 'change_order' : `change_order_${i}`,
			description: 'Changes an order.',
			parameters: {
				type: 'object',
				properties: { order: { type: 'string' }, note: { type: 'string' } },
				required: ['order'],
				additionalProperties: false
			},
			do: {
				op: 'insert',
				into: 'changes',
				lookup: { from: 'orders', where: { id: '$args.order' } },
				row: { ref: '$ref', order: '$row.id', status: '$row.status' },
				return: ['ref', 'status']
			}
		})),
		scenarios: Array.from({ length: scenarios }, (_, i) =>
			i === 0 ? scenario : { ...scenario, id: `retail-${i}` }
		)
	};
	const bytes = JSON.stringify(Object.values(pack.tables).map((table) => table.rows)).length;
	return { environment: createEnvironment(pack, 'retail'), scenario, pack, tables: pack.tables, bytes };
}
