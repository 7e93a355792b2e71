import { shardOfText } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';
import type { BusConnection } from '../../ports.ts';
import type { RecordBus } from '../../record-ports.ts';
import { type RecordKind, readRecord } from '../../stored-records.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { readTime } from '../connection/read-time.ts';
import { type RedisSession, startRedisSession } from '../connection/redis-session.ts';
import { runScript } from '../connection/run-script.ts';
import type { JoinCommands } from '../connection/share-commands.ts';
import { defineLeaseScript, leaseArguments } from '../leases/lease-scripts.ts';

export type RedisRecordsOptions = {
  readonly commands: JoinCommands;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

/** Where one kind of records is stored. */
export type RecordStore<Stored extends { readonly name: string }> = {
  readonly kind: RecordKind<Stored>;
  /** Hash: name -> JSON. */
  readonly key: string;
  /** Counter of changes. */
  readonly versionKey: string;
};

/** Starts the session of a hub's side of records. Returns before it is connected. */
export function startRecordSession(
  { key }: Pick<RecordStore<never>, 'key'>,
  { commands, onConnection, random }: RedisRecordsOptions,
  signal: AbortSignal | undefined,
): RedisSession<{ readonly redis: Redis }> {
  const open = async (scope: ConnectionScope) => {
    const redis = await commands(scope);
    await redis.hlen(key).catch(rethrow); // fails without the permissions
    return { session: { redis } };
  };
  return startRedisSession({ open, onConnection, random, signal });
}

/** Returns a function that gives the methods that all kinds of records have. */
export function defineRecords<Stored extends { readonly name: string }>({
  kind,
  key,
  versionKey,
}: RecordStore<Stored>) {
  const changeRecord = defineLeaseScript([
    ...luaConstants({ VERSION: versionKey, MAX_RECORDS: kind.max }),
    luaText('connection/scripts/require-type'),
    luaText('records/scripts/change-record'),
  ]);
  return (
    use: RedisSession<{ readonly redis: Redis }>['use'],
    onRejected: OnRejected,
  ): Pick<RecordBus<Stored>, 'readVersion' | 'readAll' | 'change'> => ({
    readVersion: use(async ({ redis }) => {
      const [nowMs, version] = await Promise.all([readTime(redis), redis.get(versionKey)]).catch(rethrow);
      return { version: Number(version ?? 0), nowMs };
    }),
    readAll: use(async ({ redis }) => {
      const stored = Object.entries(await redis.hgetall(key).catch(rethrow));
      return new Map(
        stored.flatMap(([name, text]) => {
          const read = accept(readRecord(kind, name, text), onRejected);
          return read === null ? [] : [[name, read] as const];
        }),
      );
    }),
    change: use(async ({ redis }, lease, name, before, after) => {
      if (lease !== null && lease.shard !== shardOfText(name)) return 'not_held';
      const leased = lease === null ? ['', '', ''] : leaseArguments(lease);
      const texts = [before ?? '', after === null ? '' : JSON.stringify(after)];
      const reply = await runScript(redis, changeRecord, [key], [...leased, name, ...texts]);
      return reply as 'changed' | 'conflict' | 'not_held' | 'full';
    }),
  });
}
