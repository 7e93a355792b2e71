import type { Cursor } from '@booner/protocol';
import { HUBS_GROUP, OUTBOX_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { MAX_WAIT_MS } from '../../limits.ts';
import type { OutboxEntry } from '../../outbox-ports.ts';
import { readItemFields } from '../../stored-outbox.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { isGroupGone, replyOf, rethrow } from '../connection/client.ts';
import { runScript } from '../connection/run-script.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { FINISH_ENTRY, TAKE_OVER_ENTRIES } from './outbox-scripts.ts';

/** An entry; without fields if it was taken off meanwhile. */
type Entry = readonly [id: string, fields: readonly string[] | null];

/** Position of the entries that no hub has taken. */
const NEW = '>';
/** Position before the entries that this hub has taken. */
const OWN = '0';

export type OutboxReaderDeps = {
  readonly commands: Redis;
  /** Waits for entries, and ends with `commands`. */
  readonly blocking: Redis;
  readonly hub: string;
  /** Hubs without entries that have not read for so long are forgotten. */
  readonly forgetAfterMs: number;
  readonly onRejected: OnRejected;
};

/** Takes entries for one hub. All methods reject with BusError. */
export function createOutboxReader({ commands, blocking, hub, forgetAfterMs, onRejected }: OutboxReaderDeps) {
  /** Where to read on. */
  let position = OWN;

  const read = async (max: number, waitMs: number): Promise<readonly Entry[]> => {
    const reply = await blocking.xreadgroup(
      ...(['GROUP', HUBS_GROUP, hub, 'COUNT', max, 'BLOCK', waitMs] as const),
      ...(['STREAMS', OUTBOX_KEY, position] as const),
    );
    return (reply as [key: string, Entry[]][] | null)?.[0]?.[1] ?? [];
  };
  /** Creates the group; does nothing if another hub has done so. */
  const createGroup = () =>
    commands.xgroup('CREATE', OUTBOX_KEY, HUBS_GROUP, '0', 'MKSTREAM').catch((error: unknown) => {
      if (replyOf(error) !== 'BUSYGROUP') rethrow(error);
    });
  /** Reads entries; none if there was no group, which is there afterwards. */
  const readOrCreate = async (max: number, waitMs: number): Promise<readonly Entry[]> => {
    try {
      return await read(max, waitMs);
    } catch (error) {
      if (!isGroupGone(error)) return rethrow(error);
    }
    await createGroup();
    return [];
  };
  /** Parses entries, and takes off those that cannot be parsed. */
  const parse = async (entries: readonly Entry[]): Promise<readonly OutboxEntry[]> => {
    const parsed: OutboxEntry[] = [];
    for (const [id, flat] of entries) {
      const entry = flat && accept(readItemFields(id as Cursor, fieldsOf(flat)), onRejected);
      if (entry !== null) parsed.push(entry);
      else await runScript(commands, FINISH_ENTRY, [OUTBOX_KEY], [id]);
    }
    return parsed;
  };

  return {
    take: async (max: number): Promise<readonly OutboxEntry[]> => {
      const endMs = performance.now() + MAX_WAIT_MS;
      for (;;) {
        const waitMs = Math.max(1, Math.ceil(endMs - performance.now()));
        const entries = await readOrCreate(max, waitMs);
        if (position !== NEW) position = entries.at(-1)?.[0] ?? NEW;
        const parsed = await parse(entries);
        if (parsed.length > 0 || (entries.length === 0 && performance.now() >= endMs)) return parsed;
      }
    },
    takeOver: async (idleMs: number, max: number): Promise<readonly OutboxEntry[]> => {
      const args = [hub, idleMs, max, forgetAfterMs];
      return parse((await runScript(commands, TAKE_OVER_ENTRIES, [OUTBOX_KEY], args)) as Entry[]);
    },
  };
}
