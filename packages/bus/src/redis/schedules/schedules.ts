import { MAX_SCHEDULES } from '@booner/protocol/limits';
import { SCHEDULES_KEY, SCHEDULES_VERSION_KEY } from '@booner/protocol/redis-names';
import { shardOfText } from '@booner/protocol/shard';
import type { BusConnection } from '../../ports.ts';
import type { ScheduleBus } from '../../schedule-ports.ts';
import { readSchedule } from '../../stored-schedules.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { openClient, rethrow } from '../connection/client.ts';
import { commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { readBatch } from '../connection/read-batch.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { runScript } from '../connection/run-script.ts';
import { defineLeaseScript, leaseArguments } from '../leases/lease-scripts.ts';

export type RedisSchedulesOptions = {
  readonly redis: RedisSettings;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

const PING_AFTER_MS = 3000;

const CHANGE_SCHEDULE = defineLeaseScript([
  ...luaConstants({ VERSION: SCHEDULES_VERSION_KEY, MAX_SCHEDULES }),
  luaText('connection/scripts/require-type'),
  luaText('schedules/scripts/change-schedule'),
]);

/**
 * Starts a hub's side of schedules over one connection. Returns before it is made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisSchedules(
  { redis: settings, onConnection, onRejected = () => {}, random }: RedisSchedulesOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ScheduleBus> {
  const options = { ...commandOptions(settings, 'booner-hub-schedules'), enableAutoPipelining: true };
  const open = async (scope: ConnectionScope) => {
    const redis = await openClient(options, scope);
    startHeartbeat(redis, scope, { everyMs: PING_AFTER_MS });
    await redis.hlen(SCHEDULES_KEY).catch(rethrow); // fails without the permissions
    return { session: { redis } };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,
    readVersion: use(async ({ redis }) => {
      const [[, time] = [], [, version] = []] = await readBatch(redis, (pipeline) => {
        pipeline.time();
        pipeline.get(SCHEDULES_VERSION_KEY);
      });
      const [seconds = 0, micros = 0] = (time as string[]).map(Number);
      return { version: Number(version ?? 0), nowMs: seconds * 1000 + Math.floor(micros / 1000) };
    }),
    readAll: use(async ({ redis }) => {
      const stored = Object.entries(await redis.hgetall(SCHEDULES_KEY).catch(rethrow));
      return new Map(
        stored.flatMap(([name, text]) => {
          const read = accept(readSchedule(name, text), onRejected);
          return read === null ? [] : [[name, read] as const];
        }),
      );
    }),
    change: use(async ({ redis }, lease, name, before, after) => {
      if (lease !== null && lease.shard !== shardOfText(name)) return 'not_held';
      const leased = lease === null ? ['', '', ''] : leaseArguments(lease);
      const texts = [before ?? '', after === null ? '' : JSON.stringify(after)];
      const reply = await runScript(redis, CHANGE_SCHEDULE, [SCHEDULES_KEY], [...leased, name, ...texts]);
      return reply as 'changed' | 'conflict' | 'not_held' | 'full';
    }),
  };
}
