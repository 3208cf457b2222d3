import { Environment, Interpreter, type parse } from '@huggingface/jinja';
import { filtered, tested } from './jinja-filters.ts';
import { method } from './jinja-methods.ts';
import {
	callable,
	compare,
	contains,
	dict,
	equal,
	isDict,
	isList,
	isMissing,
	isNamespace,
	isNone,
	isNumber,
	isText,
	isTrue,
	isWhole,
	items,
	list,
	missing,
	str,
	text,
	truth,
	typeName,
	whole,
	type LibraryValue,
	type Value
} from './jinja-values.ts';

/** A node of the tree that the library's parser makes; of its classes the library exports none. */
interface Node {
	readonly type: string;
}
interface Identifier extends Node {
	readonly value: string;
}
interface Block extends Node {
	body: readonly Node[];
}
interface If extends Block {
	readonly test: Node;
	readonly alternate: readonly Node[];
}
interface For extends Block {
	readonly loopvar: Identifier & { readonly value: string | readonly Identifier[] };
	readonly iterable: Node & { readonly lhs: Node; readonly test: Node };
	readonly defaultBlock: readonly Node[];
}
interface Macro extends Block {
	readonly name: Identifier;
}
interface ObjectLiteral extends Node {
	readonly value: ReadonlyMap<Node, Node>;
}
interface Binary extends Node {
	readonly left: Node;
	readonly right: Node;
	readonly operator: { readonly value: string };
}
interface Member extends Node {
	readonly object: Node;
	readonly property: Identifier;
	readonly computed: boolean;
}
interface Filter extends Node {
	readonly operand: Node;
	readonly filter: Identifier & { readonly callee: Identifier; readonly args: readonly Node[] };
}
interface Test extends Node {
	readonly operand: Node;
	readonly negate: boolean;
	readonly test: Identifier;
}

type Program = ReturnType<typeof parse>;
type Statement = Parameters<Interpreter['evaluate']>[0];

/** A value in the place of a node. */
class Known implements Node {
	readonly type = 'Known';
	readonly value: Value;

	constructor(value: Value) {
		this.value = value;
	}
}

/** `break` and `continue`, with what the blocks that they leave had written. */
class LoopControl extends Error {
	readonly ends: boolean;
	written = '';

	constructor(ends: boolean) {
		super('outside of a loop');
		this.ends = ends;
	}
}

/** Nodes that write nothing by their value. */
const silent: ReadonlySet<string> = new Set(['Set', 'Macro', 'Comment', 'Break', 'Continue']);

/**
 * `@huggingface/jinja` where it is right, and Jinja2 as transformers sets it up where the two differ: what is printed for None, booleans
 * and lists; whole numbers as keys; filters, tests and methods; what may be asked of undefined values; what loops and macros see.
 */
export class PythonicInterpreter extends Interpreter {
	override evaluate(statement: Statement, environment: Environment): LibraryValue {
		// The library evaluates what is not there, such as the end of an open slice.
		if (!statement) return super.evaluate(statement, environment);
		return this.#value(statement as unknown as Node, environment) as LibraryValue;
	}

	#value(node: Node, environment: Environment): Value {
		switch (node.type) {
			case 'Known':
				return (node as Known).value;
			case 'Program':
				return text(this.#block((node as Block).body, environment));
			case 'If': {
				const { test, body, alternate } = node as If;
				return text(this.#block(isTrue(this.#value(test, environment)) ? body : alternate, environment));
			}
			case 'For':
				return text(this.#loop(node as For, environment));
			case 'Break':
				throw new LoopControl(true);
			case 'Continue':
				throw new LoopControl(false);
			case 'Macro':
				return this.#macro(node as Macro, environment);
			case 'Identifier':
				return lookUp((node as Identifier).value, environment);
			case 'ObjectLiteral':
				return this.#object(node as ObjectLiteral, environment);
			case 'BinaryExpression':
				return this.#binary(node as Binary, environment);
			case 'MemberExpression':
				return this.#member(node as Member, environment);
			case 'FilterExpression': {
				const { operand, filter } = node as Filter;
				return this.#filter(this.#value(operand, environment), filter, environment);
			}
			case 'FilterStatement': {
				const { body, filter } = node as Block & Filter;
				return this.#filter(text(this.#block(body, environment)), filter, environment);
			}
			case 'TestExpression': {
				const { operand, negate, test } = node as Test;
				return truth(tested(this.#value(operand, environment), test.value) !== negate);
			}
			default:
				return this.#asTheLibrary(node, environment);
		}
	}

	#asTheLibrary(node: Node, environment: Environment): Value {
		return super.evaluate(node as unknown as Statement, environment);
	}

	#block(body: readonly Node[], environment: Environment): string {
		let written = '';
		for (const node of body) {
			try {
				const value = this.#value(node, environment);
				if (!silent.has(node.type)) written += str(value);
			} catch (error) {
				if (error instanceof LoopControl) error.written = written + error.written;
				throw error;
			}
		}
		return written;
	}

	#loop({ loopvar, iterable, body, defaultBlock }: For, environment: Environment): string {
		const isSelection = iterable.type === 'SelectExpression';
		const all = items(this.#value(isSelection ? iterable.lhs : iterable, environment));
		const bind = (value: Value) => {
			const scope = new Environment(environment);
			if (loopvar.type === 'Identifier') {
				define(scope, loopvar.value, value);
				return scope;
			}
			const names = loopvar.value as unknown as readonly Identifier[];
			const values = items(value);
			if (values.length !== names.length) {
				throw new Error(`${names.length} values to unpack expected, got ${values.length}`);
			}
			names.forEach((name, index) => define(scope, name.value, values[index]!));
			return scope;
		};
		const chosen = isSelection ? all.filter((value) => isTrue(this.#value(iterable.test, bind(value)))) : all;
		if (chosen.length === 0) return this.#block(defaultBlock, environment);
		let written = '';
		for (const [index, value] of chosen.entries()) {
			// Each round begins with what was set before the loop.
			const scope = bind(value);
			define(scope, 'loop', loopValue(chosen, index));
			try {
				written += this.#block(body, scope);
			} catch (error) {
				if (!(error instanceof LoopControl)) throw error;
				written += error.written;
				if (error.ends) break;
			}
		}
		return written;
	}

	/** A macro sees the variables where it was written, not those where it is called. */
	#macro(node: Macro, environment: Environment): Value {
		this.#asTheLibrary(node, environment);
		const name = node.name.value;
		const { value: call } = environment.lookupVariable(name) as unknown as {
			readonly value: (args: readonly Value[], scope: Environment) => Value;
		};
		const lexical = (args: readonly Value[], caller?: Environment) => {
			const scope = new Environment(environment);
			const block = caller?.variables.get('caller');
			if (block) define(scope, 'caller', block);
			return call(args, scope);
		};
		define(environment, name, callable(lexical));
		return missing;
	}

	#object({ value }: ObjectLiteral, environment: Environment): Value {
		const members = new Map<string | number, Value>();
		for (const [keyNode, valueNode] of value) {
			const key = this.#value(keyNode, environment);
			if (!isText(key) && !isWhole(key)) throw new Error(`keys of objects cannot be ${typeName(key)} here`);
			members.set(key.value, this.#value(valueNode, environment));
		}
		return dict(members);
	}

	#binary(node: Binary, environment: Environment): Value {
		const operator = node.operator.value;
		if (operator === 'and' || operator === 'or') {
			const left = this.#value(node.left, environment);
			return isTrue(left) === (operator === 'and') ? this.#value(node.right, environment) : left;
		}
		const left = this.#value(node.left, environment);
		const right = this.#value(node.right, environment);
		switch (operator) {
			case '==':
				return truth(equal(left, right));
			case '!=':
				return truth(!equal(left, right));
			case 'in':
				return truth(contains(right, left));
			case 'not in':
				return truth(!contains(right, left));
			case '<':
				return truth(compare(left, right) < 0);
			case '>':
				return truth(compare(left, right) > 0);
			case '<=':
				return truth(compare(left, right) <= 0);
			case '>=':
				return truth(compare(left, right) >= 0);
			case '~':
				return text(str(left) + str(right));
		}
		if (isNumber(left) && isNumber(right)) return this.#arithmetic(node, left, right, environment);
		if (operator === '+' && isText(left) && isText(right)) return text(left.value + right.value);
		if (operator === '+' && isList(left) && isList(right)) return list([...left.value, ...right.value]);
		if (operator === '*' && isText(left) && isWhole(right))
			return text(left.value.repeat(Math.max(0, right.value)));
		throw new Error(`cannot write ${typeName(left)} ${operator} ${typeName(right)}`);
	}

	#arithmetic(node: Binary, left: Value, right: Value, environment: Environment): Value {
		const operands = [left, right].map((value) =>
			typeof value.value === 'boolean' ? whole(Number(value.value)) : value
		) as [Value, Value];
		if (node.operator.value === '%' && operands.every(isWhole)) {
			const [a, b] = operands.map((value) => Number(value.value)) as [number, number];
			// The sign is that of the divisor.
			return whole(((a % b) + b) % b);
		}
		const known = { ...node, left: new Known(operands[0]), right: new Known(operands[1]) };
		return this.#asTheLibrary(known, environment);
	}

	#member(node: Member, environment: Environment): Value {
		const object = this.#value(node.object, environment);
		if (isMissing(object)) throw new Error(`${written(node.object)} is undefined`);
		if (node.computed && node.property.type === 'SliceExpression') {
			if (isNone(object)) return missing;
			const known = { ...node, object: new Known(object) };
			return this.#asTheLibrary(known, environment);
		}
		if (!node.computed && node.property.type === 'Identifier') {
			const name = node.property.value;
			const attribute = method(object, name);
			return (
				attribute ?? (isDict(object) || isNamespace(object) ? object.value.get(name) : undefined) ?? missing
			);
		}
		const key = this.#value(node.property, environment);
		return member(object, key) ?? (isText(key) ? method(object, key.value) : undefined) ?? missing;
	}

	#filter(operand: Value, filter: Filter['filter'], environment: Environment): Value {
		if (filter.type === 'Identifier') return filtered(operand, filter.value, []);
		return filtered(operand, filter.callee.value, this.#arguments(filter.args, environment));
	}

	/** Those by name are the members of a last value, as the library hands them to functions. */
	#arguments(nodes: readonly Node[], environment: Environment): readonly Value[] {
		let args: readonly Value[] = [];
		const call = {
			type: 'CallExpression',
			args: nodes,
			callee: new Known(
				callable((given) => {
					args = given;
					return missing;
				})
			)
		};
		this.#asTheLibrary(call, environment);
		return args;
	}
}

/** The library's own way throws and catches an error for each undefined name. */
function lookUp(name: string, environment: Environment): Value {
	for (let scope: Environment | undefined = environment; scope; scope = scope.parent) {
		const value = scope.variables.get(name);
		if (value) return value;
	}
	return missing;
}

function define(scope: Environment, name: string, value: Value): void {
	scope.setVariable(name, value as LibraryValue);
}

function member(object: Value, key: Value): Value | undefined {
	if (isDict(object) || isNamespace(object))
		return isText(key) || isWhole(key) ? object.value.get(key.value) : undefined;
	if (!isWhole(key)) return undefined;
	if (isList(object)) return object.value.at(key.value);
	if (!isText(object)) return undefined;
	const character = Array.from(object.value).at(key.value);
	return character === undefined ? undefined : text(character);
}

function loopValue(chosen: readonly Value[], index: number): Value {
	const left = chosen.length - index;
	return dict(
		new Map<string, Value>([
			['index', whole(index + 1)],
			['index0', whole(index)],
			['revindex', whole(left)],
			['revindex0', whole(left - 1)],
			['first', truth(index === 0)],
			['last', truth(left === 1)],
			['length', whole(chosen.length)],
			['previtem', chosen[index - 1] ?? missing],
			['nextitem', chosen[index + 1] ?? missing],
			['cycle', callable((args) => args[index % args.length] ?? missing)]
		])
	);
}

/** How a template names a value, for errors. */
function written(node: Node): string {
	if (node.type === 'Identifier') return `'${(node as Identifier).value}'`;
	if (node.type !== 'MemberExpression') return 'a value';
	const { property } = node as Member;
	return property.type === 'Identifier' || property.type === 'StringLiteral'
		? `'${property.value}'`
		: 'a member';
}

/**
 * The tree with the bodies of macros and blocks as programs of their own, so that they are evaluated by `PythonicInterpreter`'s rules for
 * what is printed: the library does not let them be overridden.
 */
export function withNestedBlocks(program: Program): Program {
	const Nested = program.constructor as new (body: readonly Node[]) => Node;
	const visit = (nodes: readonly Node[]) => {
		for (const node of nodes) {
			const { body = [], alternate = [], defaultBlock = [] } = node as If & For;
			for (const inner of [body, alternate, defaultBlock]) visit(inner);
			if (['Macro', 'CallStatement', 'Set'].includes(node.type) && body.length > 0) {
				(node as Block).body = [new Nested(body)];
			}
		}
	};
	visit(program.body as unknown as readonly Node[]);
	return program;
}
