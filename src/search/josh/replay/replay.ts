import { fnv1a32 } from '../../../base/hash.ts';
import type { Json } from '../../../base/json.ts';
import type { StoredMessage } from '../../../dialogue/message.ts';
import { exactReward } from '../../../talk/rewards/exact-calls.ts';
import type { SearchEvent } from '../../events.ts';
import { apply, pending, plant } from '../../fold.ts';
import { Scorer, type Taken } from '../../scoring.ts';
import type { Reward } from '../../../talk/rewards/reward-part.ts';
import { defaultSearchOptions, type SearchOptions } from '../options.ts';
import {
	goalsLeft,
	nodeAt,
	parentPath,
	transcript,
	type SearchRules,
	type SearchTree,
	type TreeNode
} from '../../tree.ts';
import { exhaustedTries, SyntheticParticipants, userMessage } from './participants.ts';
import type { TraceConfig } from './protocol.ts';

/** A replayed search: the record in the trace's own form, and what it was folded from. */
export interface Replay {
	readonly record: { readonly [field: string]: Json };
	readonly tree: SearchTree;
	readonly events: readonly SearchEvent[];
}

/** The rules of a trace: the published search, unless `options` say otherwise. */
export function traceRules(config: TraceConfig, options: Partial<SearchOptions> = {}): SearchRules {
	return {
		scenario: `trace ${config.seed}`,
		strategy: {
			kind: 'josh',
			...defaultSearchOptions,
			beam: config.beam,
			tries: config.tries,
			maxSteps: config.max_steps,
			quirks: 'published',
			...options
		},
		goals: rewardOf(config).goals,
		opening: config.opening.map(userMessage),
		exhausted: exhaustedTries(config.error_mode)
	};
}

function rewardOf({ rewards }: TraceConfig): Reward {
	return exactReward(rewards.map((name) => ({ name, arguments: {} })));
}

/**
 * Runs the search of a trace with its synthetic participants, one step after the other as the recorded one did.
 * @param stored events to be folded in the place of those that the steps give
 */
export async function replayTrace(
	config: TraceConfig,
	options: Partial<SearchOptions> = {},
	stored?: readonly SearchEvent[]
): Promise<Replay> {
	const scorer = new Scorer(rewardOf(config));
	const participants = new SyntheticParticipants(config);
	const events: SearchEvent[] = [];
	const steps: Json[] = [];
	let finalReward = 0;
	let tree = plant(traceRules(config, options));

	let before = tree;
	let calls: string[] = [];
	while (!tree.done) {
		const { root } = tree;
		const place = (path: string) => path.slice(root.length) || '-';
		const told: string[] = [];
		for (const step of pending(tree)) {
			const { path } = step;
			let taken: Taken;
			if (step.kind === 'agent') {
				const { index, outcome, step: of } = participants.agent();
				calls.push(`A${index} ${place(path)} ${outcome}`);
				taken = { ...step, ...of };
			} else {
				const { index, outcome, step: of } = participants.user();
				calls.push(`U${index} ${place(path)} ${outcome}`);
				taken = { ...step, ...of };
			}
			// The synthetic world has no state.
			const event = stored?.[tree.events] ?? (await scorer.judge(tree, taken, {}));
			events.push(event);
			tree = apply(tree, event);
			if (step.kind === 'agent' && nodeAt(tree, path).entries.at(-1)?.kind === 'exhausted')
				told.push(`E ${place(path)}`);
			if (tree.done) break;
		}
		calls.push(...told);

		const isError = tree.done?.reason === 'error';
		if (tree.steps > before.steps || isError) {
			steps.push(recordStep(before, tree, calls));
			if (!isError) finalReward = tree.reward;
			before = tree;
			calls = [];
		}
	}

	const record = {
		steps,
		agent_calls: participants.agentCalls,
		user_calls: participants.userCalls,
		final_reward: finalReward,
		error: errorName(tree),
		...recordExamples(tree)
	};
	return { record, tree, events };
}

function recordStep(before: SearchTree, tree: SearchTree, calls: readonly string[]): Json {
	const jump = tree.collapses[before.collapses.length];
	const goldenAgent = goldenAgentPath(before, tree);
	return {
		...(tree.done?.reason === 'error'
			? { error: errorName(tree) }
			: { reward: tree.reward, done: tree.done !== undefined && tree.done.reason !== 'steps' }),
		calls,
		collapsed: jump ? jump.to.slice(jump.from.length) : null,
		left: goalsLeft(tree).map(({ call }) => call!.name),
		examples: tree.examples.length,
		golden_agent: goldenAgent === undefined ? null : digest(transcript(tree, goldenAgent).filter(isInternal)),
		tree: recordNode(nodeAt(tree, tree.root), messagesAbove(tree))
	};
}

/** The first to hit while one reward was left; it is remembered even if the step fails after that. */
function goldenAgentPath(before: SearchTree, tree: SearchTree): string | undefined {
	if (before.left.length !== 1) return undefined;
	const isRewardsError = tree.done?.reason === 'error' && tree.done.cause === 'rewards';
	if (isRewardsError && tree.phase.kind === 'agent') return tree.phase.hits[0]?.path;
	return tree.collapses[before.collapses.length]?.to;
}

function errorName({ done }: SearchTree): string | null {
	if (done?.reason !== 'error') return null;
	return done.cause === 'rewards' ? 'ValueError' : 'SynthError';
}

function messagesAbove(tree: SearchTree): readonly StoredMessage[] {
	const parent = parentPath(tree.root);
	return parent === undefined ? [] : transcript(tree, parent);
}

function recordNode(node: TreeNode, before: readonly StoredMessage[]): Json {
	const messages = [...before, ...node.entries.flatMap((entry) => entry.messages)];
	const spoken = messages.filter((message) => message.seenBy !== 'agent');
	const internal = messages.filter(isInternal);
	// Children that no step has reached were made ahead of the next step.
	const [left, right] = node.children.filter((child) => child.entries.length > 0);
	return [
		(node.over ? 'o' : '') + (node.successful ? 's' : '') + (node.golden ? 'g' : ''),
		spoken.length,
		internal.length,
		digest(spoken),
		digest(internal),
		node.recent.map(({ name }) => name).join(','),
		left ? recordNode(left, messages) : 0,
		right ? recordNode(right, messages) : 0
	];
}

function recordExamples(tree: SearchTree): { strings: Json; training_examples: Json } {
	const numbers = new Map<string, number>();
	const numberOf = (text: string) => {
		const number = numbers.get(text) ?? numbers.size;
		numbers.set(text, number);
		return number;
	};
	const examples = tree.examples.map(({ messages, successful, golden }) => [
		messages.map((message) => numberOf(flatten(message))),
		successful,
		golden
	]);
	return { strings: [...numbers.keys()], training_examples: examples };
}

function isInternal(message: StoredMessage): boolean {
	return message.seenBy !== 'user';
}

function digest(messages: readonly StoredMessage[]): number {
	return fnv1a32(messages.map(flatten).join('\n'));
}

function flatten({ role, content }: StoredMessage): string {
	return `${role[0]}:${content}`;
}
