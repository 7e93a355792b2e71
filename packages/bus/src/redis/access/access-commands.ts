import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
  Enrolment,
  HostId,
  HostIdentity,
  NewAuditEntry,
  OidcTransaction,
  Sha256,
  Ticket,
} from '@booner/protocol';
import { parseCursor, START_CURSOR } from '@booner/protocol';
import { AUDIT_KEY, enrolmentKey, IDENTITIES_KEY, oidcKey, ticketKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { readAuditFields, readEnrolment, readIdentity, readOidc, readTicket } from '../../stored-access.ts';
import { accept, type OnRejected, type Reading } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { runTransaction } from '../connection/run-transaction.ts';
import { pause } from '../connection/scan-keys.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/** About this many of the newest entries are kept. */
const MAX_AUDIT_ENTRIES = 100_000;
/** Identities parsed before the event loop gets a turn: at most some 8 ms of work. */
const IDENTITIES_PER_TURN = 1000;

/** Commands on access control data other than credentials. All methods reject with BusError. */
export function createAccessCommands(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  /** Stores a value that expires. */
  const put = async (key: string, value: unknown, ttlMs: number): Promise<void> => {
    await redis.set(key, JSON.stringify(value), 'PX', Math.max(1, Math.ceil(ttlMs))).catch(rethrow);
  };
  /** Removes a value and returns it, in one step. */
  const take = async <T>(key: string, read: (stored: string) => Reading<T>): Promise<T | null> => {
    const stored = await redis.getdel(key).catch(rethrow);
    return stored === null ? null : accept(read(stored), onRejected);
  };

  return {
    putTicket: (hash: Sha256, ticket: Ticket, ttlMs: number) => put(ticketKey(hash), ticket, ttlMs),
    takeTicket: (hash: Sha256) => take(ticketKey(hash), readTicket),
    putEnrolment: (hash: Sha256, enrolment: Enrolment, ttlMs: number) =>
      put(enrolmentKey(hash), enrolment, ttlMs),
    takeEnrolment: (hash: Sha256) => take(enrolmentKey(hash), readEnrolment),
    putOidc: (hash: Sha256, transaction: OidcTransaction, ttlMs: number) =>
      put(oidcKey(hash), transaction, ttlMs),
    takeOidc: (hash: Sha256) => take(oidcKey(hash), readOidc),

    identities: async (): Promise<ReadonlyMap<HostId, HostIdentity>> => {
      const entries = Object.entries(await redis.hgetall(IDENTITIES_KEY).catch(rethrow));
      const identities = new Map<HostId, HostIdentity>();
      for (const [index, entry] of entries.entries()) {
        const identity = accept(readIdentity(entry), onRejected);
        if (identity !== null) identities.set(...identity);
        if (index % IDENTITIES_PER_TURN === IDENTITIES_PER_TURN - 1) await pause(signal);
      }
      return identities;
    },
    putIdentity: async (host: HostId, identity: HostIdentity): Promise<void> => {
      await redis.hset(IDENTITIES_KEY, host, JSON.stringify(identity)).catch(rethrow);
    },
    removeIdentity: async (host: HostId): Promise<boolean> =>
      (await redis.hdel(IDENTITIES_KEY, host).catch(rethrow)) === 1,

    /** Appends entries as fields, so that `XREVRANGE booner:audit + - COUNT 10` is readable. */
    appendAudit: async (entries: readonly NewAuditEntry[]): Promise<void> => {
      await runTransaction(redis, (transaction) => {
        for (const entry of entries) {
          const fields = Object.entries(entry).flatMap(([name, value]) =>
            value === null ? [] : [name, String(value)],
          );
          transaction.xadd(AUDIT_KEY, 'MAXLEN', '~', MAX_AUDIT_ENTRIES, '*', ...fields);
        }
      });
    },
    readAudit: async ({ limit, before, after }: AuditQuery): Promise<AuditPage> => {
      // Redis rejects a range that ends before it.
      if (before === START_CURSOR) return { entries: [], next: null };
      const end = before === undefined ? '+' : `(${before}`;
      const start = after === undefined ? '-' : `(${after}`;
      const found = await redis.xrevrange(AUDIT_KEY, end, start, 'COUNT', limit + 1).catch(rethrow);
      const page = found.slice(0, limit);
      const entries = page.flatMap(
        ([id, flat]): AuditEntry[] | AuditEntry =>
          accept(readAuditFields(id, fieldsOf(flat)), onRejected) ?? [],
      );
      return { entries, next: found.length > limit ? parseCursor(page.at(-1)?.[0] ?? '') : null };
    },
  };
}
