import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
  HostId,
  HostIdentity,
  NewAuditEntry,
} from '@booner/protocol';
import { parseCursor, START_CURSOR } from '@booner/protocol';
import { AUDIT_KEY, IDENTITIES_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { type OnRejected, readAuditFields, readIdentity } from '../../stored-access.ts';
import { rethrow } from '../connection/client.ts';
import { fieldsOf } from '../tasks/task-fields.ts';

/** About as many of the newest entries are kept. */
const MAX_AUDIT_ENTRIES = 100_000;

/** What a hub stores of access beside credentials. All reject with BusError. */

/** Stores a value in JSON that expires, under the hash of the secret that takes it. */
export async function putValue(redis: Redis, key: string, value: unknown, ttlMs: number): Promise<void> {
  await redis.set(key, JSON.stringify(value), 'PX', Math.max(1, Math.ceil(ttlMs))).catch(rethrow);
}

/** Removes a value and returns it, in one step. */
export const takeValue = (redis: Redis, key: string): Promise<string | null> =>
  redis.getdel(key).catch(rethrow);

export async function readIdentities(
  redis: Redis,
  onRejected: OnRejected,
): Promise<ReadonlyMap<HostId, HostIdentity>> {
  const entries = Object.entries(await redis.hgetall(IDENTITIES_KEY).catch(rethrow));
  return new Map(entries.map((entry) => readIdentity(entry, onRejected)).filter((entry) => entry !== null));
}

export async function putIdentity(redis: Redis, host: HostId, identity: HostIdentity): Promise<void> {
  await redis.hset(IDENTITIES_KEY, host, JSON.stringify(identity)).catch(rethrow);
}

export const removeIdentity = async (redis: Redis, host: HostId): Promise<boolean> =>
  (await redis.hdel(IDENTITIES_KEY, host).catch(rethrow)) === 1;

/** Appends an entry as fields, so that `XREVRANGE booner:audit + - COUNT 10` is readable; what is `null` is absent. */
export async function appendAudit(redis: Redis, entry: NewAuditEntry): Promise<void> {
  const fields = Object.entries(entry).flatMap(([name, value]) =>
    value === null ? [] : [name, String(value)],
  );
  await redis.xadd(AUDIT_KEY, 'MAXLEN', '~', MAX_AUDIT_ENTRIES, '*', ...fields).catch(rethrow);
}

export async function readAudit(
  redis: Redis,
  { limit, before }: AuditQuery,
  onRejected: OnRejected,
): Promise<AuditPage> {
  if (before === START_CURSOR) return { entries: [], next: null }; // Redis knows nothing before it, and says so with an error
  const end = before === undefined ? '+' : `(${before}`;
  const found = await redis.xrevrange(AUDIT_KEY, end, '-', 'COUNT', limit + 1).catch(rethrow);
  const page = found.slice(0, limit);
  const entries = page.flatMap(([id, flat]): AuditEntry[] => {
    const reading = readAuditFields(id, fieldsOf(flat));
    if (!reading.ok) onRejected(reading.rejection);
    return reading.ok ? [reading.value] : [];
  });
  return { entries, next: found.length > limit ? parseCursor(page.at(-1)?.[0] ?? '') : null };
}
