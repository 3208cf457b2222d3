import { groupBy } from '../base/group.ts';
import { isModelFault } from '../talk/failure.ts';
import { causes, type Cause } from './cause.ts';
import { bootstrap, mean, passHat, type Estimate } from './statistics.ts';
import type { TrialRow } from './trial.ts';

/** What an evaluation found. Plain JSON; every `Estimate` has a 95 % bootstrap interval over scenarios. */
export interface EvaluationReport {
	readonly scenarios: number;
	/** How many scenarios were asked for, where the split has fewer. */
	readonly scenariosAsked?: number;
	/** Those of `scenarios` that set no goal. They are in no figure of success or reward. */
	readonly withoutGoals: number;
	readonly trials: number;
	readonly successRate: Estimate;
	readonly meanReward: Estimate;
	/** pass^1 to pass^trials. */
	readonly passK: readonly Estimate[];
	/** Share of the agent's tool calls that could be read. */
	readonly parsedCalls: Estimate;
	/** Share of conversations that the user ended. */
	readonly endedByUser: Estimate;
	/** Share of conversations in which the user stated only what its goals say. */
	readonly faithfulUser: Estimate;
	/** Conversations by cause of failure. */
	readonly causes: Readonly<Record<Cause, number>>;
	/** Conversations that a model's file or engine ended, or in which nothing was said, by the reason; most first. */
	readonly faults: readonly { readonly reason: string; readonly conversations: number }[];
	readonly successByDomain: Readonly<Record<string, Estimate>>;
	readonly successByDomains: Readonly<Record<string, Estimate>>;
	readonly tokens: { readonly prompt: number; readonly completion: number };
	/** Completion tokens a second of wall time, prefill included, start-up left out. */
	readonly tokensPerSecond: Estimate;
	/** By scenario, in the order of their ids. */
	readonly rows: readonly ScenarioRow[];
}

/** What all trials of a scenario come to. */
export interface ScenarioRow {
	readonly scenario: string;
	readonly domains: readonly string[];
	readonly successes: number;
	/** `null` if it sets no goal. */
	readonly meanReward: number | null;
	/** In their order. */
	readonly trials: readonly TrialRow[];
}

/** @param rows in any order; the report does not depend on it */
export function report(rows: readonly TrialRow[]): EvaluationReport {
	const sorted = [...rows].sort((a, b) => compare(a.scenario, b.scenario) || a.trial - b.trial);
	const scenarios = [...groupBy(sorted, ({ scenario }) => scenario).values()];
	const judged = [...groupBy(sorted.filter(isJudged), ({ scenario }) => scenario).values()];
	const trials = Math.max(0, ...scenarios.map((group) => group.length));
	const share = <Row extends TrialRow>(groups: readonly Row[][], figure: (row: Row) => number) =>
		bootstrap(
			groups,
			(drawn) => mean(drawn.flatMap((group) => group.map(figure))),
			scenarios.length === 0 ? 'no conversations' : 'no scenario with goals'
		);
	const success = (groups: readonly TrialRow[][]) => share(groups, (row) => Number(row.success));
	const by = (key: (rows: TrialRow[]) => readonly string[]) =>
		Object.fromEntries(
			[...new Set(scenarios.flatMap(key))]
				.sort()
				.map((one) => [one, success(judged.filter((group) => key(group).includes(one)))])
		);

	return {
		scenarios: scenarios.length,
		withoutGoals: scenarios.length - judged.length,
		trials,
		successRate: success(judged),
		meanReward: share(judged, ({ reward }) => reward),
		passK: Array.from({ length: trials }, (_, i) =>
			bootstrap(
				judged.map((group) => passHat(i + 1, group.filter((row) => row.success).length, group.length)),
				(drawn) => mean(drawn.filter((value) => !Number.isNaN(value))),
				'no scenario with goals and so many trials'
			)
		),
		parsedCalls: bootstrap(
			scenarios,
			(drawn) => {
				const calls = drawn.flat().map((row) => row.calls);
				const parsed = sum(calls, (one) => one.parsed);
				return parsed / (parsed + sum(calls, (one) => one.malformed));
			},
			'no tool calls'
		),
		endedByUser: share(scenarios, (row) => Number(row.endedByUser)),
		faithfulUser: share(scenarios, (row) => Number(row.inventedByUser === 0)),
		causes: Object.fromEntries(
			causes.map((cause) => [cause, sorted.filter((row) => row.cause === cause).length])
		) as Record<Cause, number>,
		faults: faultsIn(sorted),
		successByDomain: by(([row]) => row!.domains),
		successByDomains: by(([row]) => [String(row!.domains.length)]),
		tokens: {
			prompt: sum(sorted, ({ tokens }) => tokens.prompt),
			completion: sum(sorted, ({ tokens }) => tokens.completion)
		},
		tokensPerSecond: bootstrap(
			scenarios,
			(drawn) => {
				const rows = drawn.flat();
				return sum(rows, ({ tokens }) => tokens.completion) / sum(rows, ({ seconds }) => seconds);
			},
			'no time was measured'
		),
		rows: scenarios.map((group) => ({
			scenario: group[0]!.scenario,
			domains: group[0]!.domains,
			successes: group.filter(({ success }) => success).length,
			meanReward: group.every(isJudged) ? mean(group.map(({ reward }) => reward)) : null,
			trials: group
		}))
	};
}

function faultsIn(rows: readonly TrialRow[]): EvaluationReport['faults'] {
	const ended = rows.flatMap(({ error, agentTurns }) =>
		error !== undefined && (agentTurns === 0 || isModelFault(error)) ? [error] : []
	);
	return [...groupBy(ended, (reason) => reason)]
		.map(([reason, group]) => ({ reason, conversations: group.length }))
		.sort((a, b) => b.conversations - a.conversations);
}

/** How much better `other` is than `base` on the same scenarios and trials. */
export interface Comparison {
	/** Conversations with goals that both had. */
	readonly pairs: number;
	/** Difference of success rates, `other` less `base`. */
	readonly success: Estimate;
	readonly reward: Estimate;
	/** Success rate of `other` over that of `base`, less 1; none if `base` never succeeded. */
	readonly relativeGain: Estimate;
}

/** Pairs rows by scenario and trial; rows without a partner are left out. */
export function compareReports(base: readonly TrialRow[], other: readonly TrialRow[]): Comparison {
	const key = ({ scenario, trial }: TrialRow) => `${scenario} ${trial}`;
	const partners = new Map(other.filter(isJudged).map((row) => [key(row), row]));
	const pairs = base.filter(isJudged).flatMap((row) => {
		const partner = partners.get(key(row));
		return partner ? [{ base: row, other: partner }] : [];
	});
	const groups = [...groupBy(pairs, (pair) => pair.base.scenario).values()];
	const difference = (figure: (row: JudgedRow) => number) =>
		bootstrap(
			groups,
			(drawn) => mean(drawn.flat().map((pair) => figure(pair.other) - figure(pair.base))),
			noPairs
		);
	const successes = (drawn: readonly (typeof groups)[number][], side: 'base' | 'other') =>
		sum(drawn.flat(), (pair) => Number(pair[side].success));
	return {
		pairs: pairs.length,
		success: difference((row) => Number(row.success)),
		reward: difference(({ reward }) => reward),
		relativeGain: bootstrap(
			groups,
			(drawn) => successes(drawn, 'other') / successes(drawn, 'base') - 1,
			pairs.length === 0 ? noPairs : 'the base never succeeded'
		)
	};
}

const noPairs = 'no conversation with goals that both had';

type JudgedRow = TrialRow & { readonly reward: number };

function isJudged(row: TrialRow): row is JudgedRow {
	return row.reward !== null;
}

function sum<Item>(items: readonly Item[], figure: (item: Item) => number): number {
	return items.reduce((total, item) => total + figure(item), 0);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
