import { parseRolloutId, type RolloutHead, type RolloutHost, type RolloutId } from '@booner/protocol';
import { OPEN_ROLLOUTS_KEY, ROLLOUTS_KEY, rolloutKey } from '@booner/protocol/redis-names';
import { shardOfText } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';
import type { BusConnection } from '../../ports.ts';
import type { RolloutBus } from '../../rollout-ports.ts';
import { headOf, hostField, readRollout, readRolloutHead, startsTasks } from '../../stored-rollouts.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { readBatch } from '../connection/read-batch.ts';
import { readTime } from '../connection/read-time.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { runScript } from '../connection/run-script.ts';
import { pause } from '../connection/scan-keys.ts';
import type { JoinCommands } from '../connection/share-commands.ts';
import { leaseArguments } from '../leases/lease-scripts.ts';
import { CREATE_ROLLOUT, SAVE_ROLLOUT } from './rollout-scripts.ts';

export type RedisRolloutsOptions = {
  readonly commands: JoinCommands;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

/** Starts a hub's side of rollouts. Returns before it is connected. */
export function startRedisRollouts(
  { commands, onConnection, onRejected = () => {}, random }: RedisRolloutsOptions,
  { signal }: { signal?: AbortSignal } = {},
): RolloutBus {
  const open = async (scope: ConnectionScope) => {
    const redis = await commands(scope);
    await redis.zcard(OPEN_ROLLOUTS_KEY).catch(rethrow); // fails without the permissions
    return { session: { redis } };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,
    create: use(async ({ redis }, rollout) => {
      const head = headOf(rollout);
      const args = [rollout.id, flag(startsTasks(head)), JSON.stringify(head), ...hostFields(rollout.hosts)];
      const reply = await runScript(redis, CREATE_ROLLOUT, [rolloutKey(rollout.id)], args);
      return reply as 'created' | 'existing' | 'full';
    }),
    save: use(async ({ redis }, lease, { head, hosts, isSettled }) => {
      if (lease !== null && lease.shard !== shardOfText(head.id)) return 'not_held';
      const args = [
        ...(lease === null ? ['', '', ''] : leaseArguments(lease)),
        ...[head.id, head.version, flag(isSettled), flag(startsTasks(head)), JSON.stringify(head)],
        ...hostFields(hosts),
      ];
      const reply = await runScript(redis, SAVE_ROLLOUT, [rolloutKey(head.id)], args);
      return reply as 'saved' | 'conflict' | 'not_held';
    }),
    read: use(async ({ redis, scope }, id) => {
      const fields = await redis.hgetall(rolloutKey(id)).catch(rethrow);
      return fields.rollout === undefined
        ? null
        : readRollout(id, fields, { onRejected, pause: () => pause(scope.signal) });
    }),
    readHead: use(async ({ redis }, id) => {
      const text = await redis.hget(rolloutKey(id), 'rollout').catch(rethrow);
      return text === null ? null : accept(readRolloutHead(id, text), onRejected);
    }),
    list: use(({ redis }, query) => listRollouts(redis, query, onRejected)),
    readOpen: use(async ({ redis }) => {
      const [nowMs, flat] = await Promise.all([
        readTime(redis),
        redis.zrange(OPEN_ROLLOUTS_KEY, '0', '-1', 'WITHSCORES'),
      ]).catch(rethrow);
      const open = pairs(flat).flatMap(([text, version]) => {
        const id = parseRolloutId(text);
        return id === null ? [] : [[id, Number(version)] as const];
      });
      return { nowMs, versions: new Map(open) };
    }),
    readVersion: use(async ({ redis }, id) => {
      const version = await redis.hget(rolloutKey(id), 'version').catch(rethrow);
      return version === null ? null : Number(version);
    }),
  };
}

async function listRollouts(
  redis: Redis,
  { limit, after }: { readonly limit: number; readonly after?: string },
  onRejected: OnRejected,
) {
  const start = after === undefined ? '+inf' : `(${after}`;
  const found = pairs(
    await redis
      .zrange(ROLLOUTS_KEY, start, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, limit + 1, 'WITHSCORES')
      .catch(rethrow),
  );
  const page = found.slice(0, limit);
  const replies = await readBatch(redis, (pipeline) => {
    for (const [id] of page) pipeline.hget(rolloutKey(id as RolloutId), 'rollout');
  });
  const rollouts = page.flatMap(([id], index): readonly RolloutHead[] => {
    const text = replies[index]?.[1] as string | null | undefined;
    const head = text == null ? null : accept(readRolloutHead(id as RolloutId, text), onRejected);
    return head === null ? [] : [head];
  });
  return { rollouts, next: found.length > limit ? (page.at(-1)?.[1] ?? null) : null };
}

const flag = (value: boolean): string => (value ? '1' : '');

const hostFields = (hosts: readonly RolloutHost[]): readonly string[] =>
  hosts.flatMap((host) => [hostField(host.host), JSON.stringify(host)]);

const pairs = (flat: readonly string[]): (readonly [string, string])[] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]);
