import { OUTBOX_KEY, outboxRateKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import type { NewOutboxEntry, OutboxEntry } from '../../outbox-ports.ts';
import { newItem, tried } from '../../stored-outbox.ts';
import { type OnRejected, reject } from '../../stored-values.ts';
import { runScript, type Script } from '../connection/run-script.ts';
import {
  BURY_ENTRY,
  COUNT_SEND,
  FINISH_ENTRY,
  itemArguments,
  POSTPONE_ENTRY,
  PUT_ITEMS,
  WAKE_ITEMS,
} from './outbox-scripts.ts';

/** Changes of the outbox by hubs that send. All methods reject with BusError. */
export function createOutboxCommands(redis: Redis, onRejected: OnRejected) {
  const change = (script: Script, args: readonly (string | number)[]) =>
    runScript(redis, script, [OUTBOX_KEY], args);

  return {
    put: async (entries: readonly NewOutboxEntry[]): Promise<void> => {
      const atMs = Date.now();
      await change(
        PUT_ITEMS,
        entries.flatMap((entry) => itemArguments(newItem(entry, atMs))),
      );
    },
    finish: async ({ cursor }: OutboxEntry): Promise<void> => {
      await change(FINISH_ENTRY, [cursor]);
    },
    postpone: async (entry: OutboxEntry, delayMs: number, answer: string | null): Promise<void> => {
      await change(POSTPONE_ENTRY, [entry.cursor, delayMs, ...itemArguments(tried(entry, answer))]);
    },
    bury: async (entry: OutboxEntry, answer: string): Promise<void> => {
      await change(BURY_ENTRY, [entry.cursor, ...itemArguments(tried(entry, answer))]);
    },
    wake: async (max: number): Promise<number> => {
      const [offered, dropped] = (await change(WAKE_ITEMS, [max])) as [number, string[]];
      for (const text of dropped) {
        const detail = `a postponed notification of ${text.length} characters that no hub wrote`;
        onRejected(reject('wrong_shape', null, detail).rejection);
      }
      return offered;
    },
    countSend: async (channel: string, windowMs: number): Promise<number> =>
      (await runScript(redis, COUNT_SEND, [outboxRateKey(channel)], [windowMs])) as number,
  };
}
