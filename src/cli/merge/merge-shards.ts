import { readdir } from 'node:fs/promises';
import { UsageError } from '../../../scripts/flags.ts';
import { canonicalJson, type Json } from '../../base/json.ts';
import { loadEnvironment } from '../../environment/pack-environment.ts';
import type { HarvestSummary } from '../../run/dataset-service.ts';
import { FolderStore } from '../../store/folder-store.ts';
import type { RunRecord } from '../../store/run-store.ts';
import { listed } from '../../store/stored-data.ts';
import { configDifferences } from '../config-differences.ts';
import { NodeFiles } from '../node-files.ts';
import { asJson, detailsIn, type RunDetails } from '../run-details.ts';
import { writePlainFiles } from '../plain-files.ts';
import { damageIn, openRunFolder, runIn, standingIn, type RunFolder } from '../run-folder.ts';
import { unsharded, type Shard } from '../shards.ts';

interface ShardRun {
	readonly path: string;
	readonly store: FolderStore;
	readonly record: RunRecord;
	readonly details: RunDetails;
	readonly shard: Shard;
	/** What cannot be read of its events. */
	readonly damage: readonly string[];
}

/** Events that are stored at once. */
const batch = 1000;

/**
 * Joins the finished shards of one run in a new folder, where they are what one run without shards would have been.
 *
 * @throws {UsageError} that names what is missing or does not belong together
 */
export async function mergeShards(out: string, paths: readonly string[]): Promise<HarvestSummary> {
	const shards = orderedShards(await Promise.all(paths.map(openShard)));
	const merged = mergedRecord(shards);
	const { hash } = merged.origin.pack;
	const pack = await shards[0]!.store.pack(hash);
	if (pack === undefined) throw new UsageError(`${shards[0]!.path} lacks its environment pack ${hash}.`);

	const folder = await openRunFolder(out);
	const record = continued(folder, merged);
	if (!folder.record) await folder.store.create({ ...record, status: 'unfinished' }, pack);
	const stores = new Map(
		shards.flatMap((one) => one.record.config.scenarios.map((id) => [id, one] as const))
	);
	for (const scenario of record.config.scenarios) {
		const { store, record: part } = stores.get(scenario)!;
		const { events } = await store.events(part.id, scenario);
		for (let start = 0; start < events.length; start += batch)
			await folder.store.append(record.id, events.slice(start, start + batch));
	}
	const environment = await loadEnvironment(pack, 'stored');
	await standingIn(folder.store, record, environment);
	const summary = await writePlainFiles({ path: out, store: folder.store, record, pack, environment });
	// Last, so that a merge that was cut off does not look like one.
	await folder.store.update(record.id, { status: 'finished' });
	return summary;
}

/** A merge that was cut off goes on. */
function continued({ path, record }: RunFolder, merged: RunRecord): RunRecord {
	if (!record) return merged;
	const work = ({ config, origin, createdAt }: RunRecord) =>
		canonicalJson({ config, origin, createdAt } as unknown as Json);
	if (record.status === 'finished' || work(record) !== work(merged))
		throw new UsageError(`${path} holds a run already. Choose another --out.`);
	return { ...merged, id: record.id };
}

/** Looks without writing: a shard's folder stays as it is. */
async function openShard(path: string): Promise<ShardRun> {
	await readdir(path).catch(() => {
		throw new UsageError(`${path} is not a folder.`);
	});
	const store = new FolderStore(new NodeFiles(path));
	const record = await runIn(store, path);
	if (!record) throw new UsageError(`${path} holds no run.`);
	const details = detailsIn(record.origin);
	if (!details?.shard)
		throw new UsageError(`${path} holds a run that is not a shard: it was made without --shard.`);
	const damage = await damageIn(store, record);
	return { path, store, record, details, shard: details.shard, damage };
}

/** All shards of one run, by number. */
function orderedShards(shards: readonly ShardRun[]): ShardRun[] {
	const [first] = shards;
	if (!first) throw new UsageError('There are no shards to merge: name their folders.');
	const problems: string[] = [];
	for (const one of shards) {
		problems.push(...differences(first, one).map((difference) => `${one.path}: ${difference}`));
		problems.push(...one.damage.map((damage) => `${one.path}: ${damage}`));
		if (one.record.status !== 'finished')
			problems.push(`${one.path} is not finished: the command that began it continues it`);
	}
	const { of } = first.shard;
	const byNumber = new Map<number, ShardRun>();
	for (const one of shards) {
		const other = byNumber.get(one.shard.number);
		if (other) problems.push(`${other.path} and ${one.path} are both shard ${one.shard.number} of ${of}`);
		byNumber.set(one.shard.number, one);
	}
	const missing = Array.from({ length: of }, (_, index) => index + 1).filter(
		(number) => !byNumber.has(number)
	);
	if (missing.length > 0)
		problems.push(`missing: ${missing.map((number) => `shard ${number}/${of}`).join(', ')}`);
	const ordered = [...byNumber.values()].sort((a, b) => a.shard.number - b.shard.number);
	if (problems.length === 0 && !areDealtOut(ordered))
		problems.push('the scenarios of these shards do not make one run: --scenarios or --split differed');
	if (problems.length > 0)
		throw new UsageError(
			`These shards cannot be merged; nothing was written.\n${listed(problems).join('\n')}`
		);
	return ordered;
}

/** Which settings of a shard are not those of the first. Servers and scenarios may be. */
function differences(first: ShardRun, one: ShardRun): string[] {
	const config = ({ record }: ShardRun) => ({ ...record.config, scenarios: [] });
	const origin = ({ record }: ShardRun) => {
		const { details: _, ...rest } = record.origin;
		return rest as unknown as { readonly [member: string]: Json };
	};
	const [there, here] = [origin(first), origin(one)];
	return [
		...(first.shard.of === one.shard.of ? [] : [`one of ${one.shard.of} shards, not of ${first.shard.of}`]),
		...configDifferences(config(first), config(one)).map((line) =>
			line.replace(/ there, (.*) here$/, ` in ${first.path}, $1 here`)
		),
		...Object.keys({ ...there, ...here })
			.filter((member) => canonicalJson(there[member] ?? null) !== canonicalJson(here[member] ?? null))
			.map((member) => `another ${member} than ${first.path}`)
	];
}

function areDealtOut(shards: readonly ShardRun[]): boolean {
	const lengths = shards.map(({ record }) => record.config.scenarios.length);
	const total = lengths.reduce((sum, length) => sum + length, 0);
	const fits = lengths.every((length, index) => length === Math.ceil((total - index) / shards.length));
	return fits && new Set(shards.flatMap(({ record }) => record.config.scenarios)).size === total;
}

function mergedRecord(shards: readonly ShardRun[]): RunRecord {
	const { config, origin } = shards[0]!.record;
	const ratings = shards.flatMap(({ record }) => Object.entries(record.ratings ?? {}));
	const servers = (role: 'agent' | 'user') =>
		[...new Set(shards.flatMap(({ details }) => details.servers[role]))].sort();
	return {
		id: crypto.randomUUID(),
		createdAt: shards.map(({ record }) => record.createdAt).sort()[0]!,
		config: { ...config, scenarios: unsharded(shards.map(({ record }) => record.config.scenarios)) },
		origin: { ...origin, details: asJson({ servers: { agent: servers('agent'), user: servers('user') } }) },
		status: 'finished',
		...(ratings.length > 0 && { ratings: Object.fromEntries(ratings) }),
		...mergedWarnings(shards),
		// As if one machine had done all of it.
		activeMilliseconds: shards.reduce((sum, { record }) => sum + record.activeMilliseconds, 0)
	};
}

function mergedWarnings(shards: readonly ShardRun[]): Pick<RunRecord, 'warnings'> {
	const replies = new Map<string, number>();
	for (const { record } of shards)
		for (const [warning, count] of Object.entries(record.warnings ?? {}))
			replies.set(warning, (replies.get(warning) ?? 0) + count);
	return replies.size === 0 ? {} : { warnings: Object.fromEntries(replies) };
}
