import { type Cursor, reportSchema } from '@booner/protocol';
import { HUBS_GROUP, REPORTS_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { MAX_WAIT_MS } from '../../limits.ts';
import { type OnRejected, reject, validate } from '../../stored-values.ts';
import type { ReceivedReport } from '../../task-ports.ts';
import { isGroupGone, replyOf, rethrow, toBusError } from '../connection/client.ts';
import { runScript } from '../connection/run-script.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { RENEW_REPORTS } from './task-scripts.ts';

/** Longer reports are not parsed. One with the largest result has half of this. */
const MAX_REPORT_CHARACTERS = 64 * 1024;

/** An id this far ahead of the hub's clock is checked against the clock of Redis. */
const SUSPECT_AHEAD_MS = 1_800_000;

type Entry = readonly [id: string, fields: readonly string[] | null];

/** Creates the hubs' group and the stream if they are missing. Rejects with BusError. */
export async function makeHubsGroup(redis: Redis): Promise<void> {
  try {
    await redis.xgroup('CREATE', REPORTS_KEY, HUBS_GROUP, '0', 'MKSTREAM');
  } catch (error) {
    if (replyOf(error) !== 'BUSYGROUP') throw toBusError(error);
  }
}

/**
 * Recreates the stream if an entry of the far future has made it useless. Rejects with BusError.
 */
export async function renewReports(redis: Redis, onRejected: OnRejected): Promise<void> {
  if ((await runScript(redis, RENEW_REPORTS, [REPORTS_KEY], [HUBS_GROUP])) !== 1) return;
  const detail = `${REPORTS_KEY} had an id of the far future and was recreated: a Redis password of a runner is being misused`;
  onRejected(reject('wrong_shape', null, detail).rejection);
}

/**
 * Reads reports for one hub on a connection of its own, which blocks. Reports that the hub read on
 * an earlier connection and did not apply come first.
 */
export function createReportReader(redis: Redis, hub: string, onRejected: OnRejected) {
  /** Position among the pending reports; `null`: all of them have been read. */
  let pending: string | null = '0';

  const read = async (max: number, position: string): Promise<readonly Entry[]> => {
    const found = await redis.xreadgroup(
      ...(['GROUP', HUBS_GROUP, hub, 'COUNT', max, 'BLOCK', MAX_WAIT_MS, 'STREAMS'] as const),
      REPORTS_KEY,
      position,
    );
    const entries = (found as [key: string, Entry[]][] | null)?.[0]?.[1] ?? [];
    if (entries.some(isOfTheFuture)) await renewReports(redis, onRejected);
    return entries;
  };
  const next = async (max: number): Promise<readonly ReceivedReport[]> => {
    while (pending !== null) {
      const entries = await read(max, pending);
      pending = entries.at(-1)?.[0] ?? null;
      const received = await receive(redis, entries);
      if (received.length > 0) return received;
    }
    return receive(redis, await read(max, '>'));
  };
  return { next: (max: number) => withGroup(redis, () => next(max)) };
}

/** Takes over reports that a hub read and did not apply in time. Rejects with BusError. */
export function takeOverReports(redis: Redis, hub: string, idleMs: number, max: number) {
  return withGroup(redis, async () => {
    const reply = await redis.xautoclaim(REPORTS_KEY, HUBS_GROUP, hub, idleMs, '0-0', 'COUNT', max);
    return receive(redis, (reply as [next: string, entries: Entry[]])[1]);
  });
}

/** Runs a command of the group. Recreates the group if it was removed. */
async function withGroup<T>(redis: Redis, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isGroupGone(error)) return rethrow(error);
  }
  await makeHubsGroup(redis);
  return run().catch(rethrow);
}

const isOfTheFuture = ([id]: Entry): boolean => Number(id.split('-', 1)[0]) > Date.now() + SUSPECT_AHEAD_MS;

async function receive(redis: Redis, entries: readonly Entry[]): Promise<readonly ReceivedReport[]> {
  // Reports that were trimmed from the stream before they were applied are sent again by their
  // runners.
  const gone = entries.filter(([, fields]) => fields === null).map(([id]) => id);
  if (gone.length > 0) await redis.xack(REPORTS_KEY, HUBS_GROUP, ...gone).catch(rethrow);
  return entries.flatMap(([id, fields]) => (fields === null ? [] : [decode(id as Cursor, fields)]));
}

function decode(cursor: Cursor, flat: readonly string[]): ReceivedReport {
  const text = fieldsOf(flat).get('report');
  const unreadable = (detail: string): ReceivedReport => ({ cursor, report: null, detail });
  if (text === undefined) return unreadable('the field "report" is missing');
  if (text.length > MAX_REPORT_CHARACTERS) {
    return unreadable(`${text.length} characters exceed the limit of ${MAX_REPORT_CHARACTERS}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(`${text.length} characters that are not JSON`);
  }
  const reading = validate('report', reportSchema, value);
  return reading.ok ? { cursor, report: reading.value, detail: null } : unreadable(reading.rejection.detail);
}
