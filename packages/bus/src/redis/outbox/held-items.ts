import { OUTBOX_HELD_KEY, OUTBOX_KEY, outboxHeldKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { HeldItems, OutboxEntry, OutboxItem, Release } from '../../outbox-ports.ts';
import { newItem, readItemText } from '../../stored-outbox.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { runScript } from '../connection/run-script.ts';
import { pause } from '../connection/scan-keys.ts';
import { HOLD_ENTRY, itemArguments, RELEASE_HELD } from './outbox-scripts.ts';

/** Items parsed before the event loop gets a turn: at most some 8 ms of work. */
export const ITEMS_PER_TURN = 100;

/** What channels hold for their digests. All methods reject with BusError. */
export function createHeldItems(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  return {
    hold: async (entry: OutboxEntry): Promise<void> => {
      await runScript(redis, HOLD_ENTRY, [OUTBOX_KEY], [entry.cursor, ...itemArguments(entry)]);
    },
    channels: (): Promise<readonly string[]> => redis.hkeys(OUTBOX_HELD_KEY).catch(rethrow),
    read: async (channel: string): Promise<HeldItems> => {
      const [[, texts] = [], [, dropped] = []] = await readBatch(redis, (pipeline) => {
        pipeline.lrange(outboxHeldKey(channel), 0, -1);
        pipeline.hget(OUTBOX_HELD_KEY, channel);
      });
      const items: OutboxItem[] = [];
      for (const [index, text] of ((texts as string[] | undefined) ?? []).entries()) {
        const item = accept(readItemText(text), onRejected);
        if (item !== null) items.push(item);
        else await redis.lrem(outboxHeldKey(channel), 1, text).catch(rethrow);
        if (index % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await pause(signal);
      }
      return { items, dropped: Number(dropped ?? 0) };
    },
    release: async ({ channel, count, firstId, dropped, digest }: Release): Promise<boolean> => {
      const item = newItem({ channel, notification: digest }, Date.now());
      const args = [count, firstId, dropped, ...itemArguments(item)];
      return (await runScript(redis, RELEASE_HELD, [OUTBOX_KEY], args)) === 1;
    },
  };
}
