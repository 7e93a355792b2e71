import { type Cursor, START_CURSOR } from '@booner/protocol';
import { MAX_DEAD_ITEMS, MAX_HELD_ITEMS, MAX_OUTBOX_ITEMS } from '../limits.ts';
import { createNotifier } from '../notifier.ts';
import type { OutboxItem } from '../outbox-ports.ts';
import { nextCursor } from './entry-stream.ts';

type Offered = { readonly text: string; takenBy: string | null; takenAtMs: number };

/** State of the outbox that a bus in memory keeps in place of Redis. Items are JSON. */
export function createOutboxState() {
  const notifier = createNotifier();
  /** By position, in that order. */
  const offered = new Map<Cursor, Offered>();
  /** By id. */
  const postponed = new Map<string, { readonly text: string; readonly nextAtMs: number }>();
  /** By id, in the order in which they were buried. */
  const dead = new Map<string, string>();
  /** By channel. */
  const held = new Map<string, { readonly texts: string[]; dropped: number }>();
  let last = START_CURSOR;

  const bury = (item: OutboxItem) => {
    dead.delete(item.id);
    dead.set(item.id, JSON.stringify(item));
    const [oldest] = dead.keys();
    if (dead.size > MAX_DEAD_ITEMS && oldest !== undefined) dead.delete(oldest);
  };
  const offer = (item: OutboxItem) => {
    if (offered.size >= MAX_OUTBOX_ITEMS) return bury({ ...item, answer: 'the outbox was full' });
    last = nextCursor(last, Date.now());
    offered.set(last, { text: JSON.stringify(item), takenBy: null, takenAtMs: 0 });
    notifier.notify();
  };
  const postpone = (item: OutboxItem, nextAtMs: number) => {
    if (postponed.size >= MAX_OUTBOX_ITEMS) return bury(item);
    postponed.set(item.id, { text: JSON.stringify(item), nextAtMs });
  };
  const hold = (item: OutboxItem) => {
    const list = held.get(item.channel) ?? { texts: [], dropped: 0 };
    held.set(item.channel, list);
    if (list.texts.length >= MAX_HELD_ITEMS) list.dropped += 1;
    else list.texts.push(JSON.stringify(item));
  };

  return {
    ...{ notifier, offered, postponed, dead, held, bury, offer, postpone, hold },
    /** Messages to each channel in its current window. */
    rates: new Map<string, { count: number; readonly endMs: number }>(),
  };
}

export type OutboxState = ReturnType<typeof createOutboxState>;
