import type { Cursor } from '@booner/protocol';
import {
  OUTBOX_DEAD_KEY,
  OUTBOX_HELD_KEY,
  OUTBOX_KEY,
  OUTBOX_LATER_KEY,
  outboxHeldKey,
} from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { ListedItem, OutboxDepth, OutboxEntry, OutboxItem } from '../../outbox-ports.ts';
import { isOlder, readItemFields, readItemText } from '../../stored-outbox.ts';
import { accept, type OnRejected, type Reading } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { runScript } from '../connection/run-script.ts';
import { pause } from '../connection/scan-keys.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { ITEMS_PER_TURN } from './held-items.ts';
import { FINISH_ENTRY, RETRY_ITEM } from './outbox-scripts.ts';

type Entry = readonly [id: string, fields: string[]];
/** What is read of an item to list it, before it is parsed. */
type Unparsed = Pick<ListedItem, 'status' | 'nextAtMs'> & { readonly parse: () => Reading<OutboxItem> };

/** Items that one command reads while an id is looked for. */
const BATCH_ITEMS = 200;

/** Offered items that are looked through for older ones. More are offered after an outage only. */
const MAX_LOOKED_THROUGH = 1000;

/** In the JSON of every notification of the same episode. */
const episodeText = ({ notification }: OutboxItem): string => `"episode":"${notification.episode}"`;

/** Returns a pattern that the texts of items of an episode to a channel match. */
const episodePattern = (item: OutboxItem): string =>
  `{"id":*,"channel":"${item.channel}",*${episodeText(item)}*`;

/** Returns a pattern that the text of the item with this id matches, and no other. */
const patternOf = (id: string): string => `{"id":${JSON.stringify(id).replaceAll(/[\\*?[\]^]/g, '\\$&')},*`;

const buriedAtMs = (text: string): number => Number(/^\{"buriedAtMs":(\d+),/.exec(text)?.[1] ?? 0);

/** What people see of the outbox, and do with it. All methods reject with BusError. */
export function createOutboxList(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  const readAll = async (limit: number): Promise<readonly Unparsed[]> => {
    const replies = await readBatch(redis, (pipeline) => {
      pipeline.xrange(OUTBOX_KEY, '-', '+', 'COUNT', limit);
      pipeline.zrange(OUTBOX_LATER_KEY, 0, `${limit - 1}`, 'WITHSCORES');
      pipeline.hvals(OUTBOX_DEAD_KEY);
      pipeline.hkeys(OUTBOX_HELD_KEY);
    });
    const [entries, postponed, dead, channels] = replies.map(([, result]) => result ?? []) as [
      Entry[],
      string[],
      string[],
      string[],
    ];
    const held = await readBatch(redis, (pipeline) => {
      for (const channel of channels) pipeline.lrange(outboxHeldKey(channel), 0, limit - 1);
    });
    const textsOf = (status: 'held' | 'dead', texts: readonly string[]): Unparsed[] =>
      texts.map((text) => ({ status, nextAtMs: null, parse: () => readItemText(text) }));
    return [
      ...entries.map(
        ([id, flat]): Unparsed => ({
          status: 'offered',
          nextAtMs: null,
          parse: () => readItemFields(id as Cursor, fieldsOf(flat)),
        }),
      ),
      ...postponed.flatMap((text, index): Unparsed[] => {
        const nextAtMs = Number(postponed[index + 1]);
        return index % 2 === 1 ? [] : [{ status: 'postponed', nextAtMs, parse: () => readItemText(text) }];
      }),
      ...held.flatMap(([, texts]) => textsOf('held', (texts as string[] | null) ?? [])),
      ...textsOf(
        'dead',
        dead.toSorted((a, b) => buriedAtMs(b) - buriedAtMs(a)),
      ),
    ];
  };

  /** Finds a postponed item whose text matches a pattern, and is accepted. */
  const scanPostponed = async (
    pattern: string,
    accepts: (text: string) => boolean,
  ): Promise<string | null> => {
    for (let position = '0'; ; ) {
      const [next, found] = await redis
        .zscan(OUTBOX_LATER_KEY, position, 'MATCH', pattern, 'COUNT', BATCH_ITEMS)
        .catch(rethrow);
      const text = found.find((each, index) => index % 2 === 0 && accepts(each));
      if (text !== undefined || next === '0') return text ?? null;
      position = next;
      await pause(signal);
    }
  };
  /** Returns the text of a postponed item. */
  const findPostponed = (id: string) => scanPostponed(patternOf(id), () => true);
  const findOffered = async (id: string): Promise<string | null> => {
    for (let start = '-'; ; ) {
      const entries = await redis.xrange(OUTBOX_KEY, start, '+', 'COUNT', BATCH_ITEMS).catch(rethrow);
      const found = entries.find(([, flat]) => fieldsOf(flat).get('id') === id);
      if (found !== undefined || entries.length < BATCH_ITEMS) return found?.[0] ?? null;
      start = `(${entries.at(-1)?.[0]}`;
      await pause(signal);
    }
  };

  return {
    list: async (limit: number): Promise<readonly ListedItem[]> => {
      const items: ListedItem[] = [];
      for (const [index, { status, nextAtMs, parse }] of (await readAll(limit)).entries()) {
        if (items.length >= limit) break;
        const item = accept(parse(), onRejected);
        if (item !== null) items.push({ ...item, status, nextAtMs });
        if (index % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await pause(signal);
      }
      return items;
    },
    hasOlder: async (entry: OutboxEntry): Promise<boolean> => {
      const isIt = (reading: Reading<OutboxItem>) => reading.ok && isOlder(reading.value, entry);
      const [[, offered], [, postponed]] = (await readBatch(redis, (pipeline) => {
        pipeline.xrange(OUTBOX_KEY, '-', '+', 'COUNT', MAX_LOOKED_THROUGH);
        pipeline.zcard(OUTBOX_LATER_KEY);
      })) as [[unknown, Entry[]], [unknown, number]];
      const ofEpisode = offered.filter(
        ([, flat]) => flat.includes(entry.channel) && flat.some((text) => text.includes(episodeText(entry))),
      );
      if (ofEpisode.some(([id, flat]) => isIt(readItemFields(id as Cursor, fieldsOf(flat))))) return true;
      if (postponed === 0) return false;
      return (await scanPostponed(episodePattern(entry), (text) => isIt(readItemText(text)))) !== null;
    },
    retry: async (id: string): Promise<boolean> => {
      const postponed = (await findPostponed(id)) ?? '';
      if ((await runScript(redis, RETRY_ITEM, [OUTBOX_KEY], [id, postponed])) === 1) return true;
      return (await findOffered(id)) !== null;
    },
    discard: async (id: string): Promise<boolean> => {
      if ((await redis.hdel(OUTBOX_DEAD_KEY, id).catch(rethrow)) === 1) return true;
      const text = await findPostponed(id);
      if (text !== null && (await redis.zrem(OUTBOX_LATER_KEY, text).catch(rethrow)) === 1) return true;
      const cursor = await findOffered(id);
      return cursor !== null && (await runScript(redis, FINISH_ENTRY, [OUTBOX_KEY], [cursor])) === 1;
    },
    depth: async (): Promise<OutboxDepth> => {
      const replies = await readBatch(redis, (pipeline) => {
        pipeline.xlen(OUTBOX_KEY);
        pipeline.zcard(OUTBOX_LATER_KEY);
        pipeline.hlen(OUTBOX_DEAD_KEY);
      });
      const [offered = 0, postponed = 0, dead = 0] = replies.map(([, count]) => Number(count ?? 0));
      return { offered, postponed, dead };
    },
  };
}
