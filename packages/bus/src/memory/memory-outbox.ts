import type { Cursor } from '@booner/protocol';
import { MAX_WAIT_MS } from '../limits.ts';
import type { ListedItem, OutboxBus, OutboxEntry, OutboxItem } from '../outbox-ports.ts';
import { isOlder, newItem, tried } from '../stored-outbox.ts';
import { startMemoryScope } from './memory-scope.ts';
import type { OutboxState } from './outbox-state.ts';

export type MemoryOutboxOptions = {
  readonly hub: string;
  /** Longest wait of `take`; default 5 s. */
  readonly waitMs?: number;
};

/** Items that this process wrote need no check. */
const parse = (text: string): OutboxItem => JSON.parse(text);

/** Starts a hub's side of the outbox of a bus in memory. */
export function startMemoryOutbox(
  state: OutboxState,
  { hub, waitMs = MAX_WAIT_MS }: MemoryOutboxOptions,
): OutboxBus {
  const scope = startMemoryScope();
  const { side, use } = scope;
  const { offered, postponed, dead, held } = state;

  const take = (max: number, isTaken: (entry: { takenBy: string | null; takenAtMs: number }) => boolean) => {
    const taken: OutboxEntry[] = [];
    for (const [cursor, entry] of offered) {
      if (taken.length >= max) break;
      if (!isTaken(entry)) continue;
      entry.takenBy = hub;
      entry.takenAtMs = performance.now();
      taken.push({ ...parse(entry.text), cursor });
    }
    return taken;
  };
  const takeNew = (max: number) => take(max, ({ takenBy }) => takenBy === null);
  /** Items in the outbox do not share an object with what callers hold. */
  const itemOf = ({ cursor: _, ...item }: OutboxEntry): OutboxItem => item;
  const whenTakenOff = ({ cursor }: OutboxEntry, then: () => void) => {
    if (offered.delete(cursor)) then();
  };
  const findOffered = (id: string): Cursor | undefined =>
    [...offered].find(([, { text }]) => parse(text).id === id)?.[0];

  return {
    ...side,
    put: use((entries) => {
      const atMs = Date.now();
      for (const entry of entries) state.offer(newItem(entry, atMs));
    }),
    take: (max) =>
      state.notifier.pollUntil(
        () => takeNew(max),
        (taken) => taken.length > 0,
        waitMs,
        scope,
      ),
    takeOver: use((idleMs, max) =>
      take(max, (entry) => entry.takenBy !== null && performance.now() - entry.takenAtMs >= idleMs),
    ),
    hasOlder: use((entry) =>
      [...offered.values(), ...postponed.values()].some(({ text }) => isOlder(parse(text), entry)),
    ),
    finish: use((entry) => void offered.delete(entry.cursor)),
    postpone: use((entry, { delayMs, answer }) =>
      whenTakenOff(entry, () => state.postpone(tried(itemOf(entry), answer), Date.now() + delayMs)),
    ),
    bury: use((entry, answer) => whenTakenOff(entry, () => state.bury(tried(itemOf(entry), answer)))),
    wake: use((max) => {
      const due = [...postponed]
        .filter(([, { nextAtMs }]) => nextAtMs <= Date.now())
        .sort(([, a], [, b]) => a.nextAtMs - b.nextAtMs)
        .slice(0, max);
      for (const [id, { text }] of due) {
        postponed.delete(id);
        state.offer(parse(text));
      }
      return due.length;
    }),

    countSend: use((channel, windowMs) => {
      const nowMs = performance.now();
      const known = state.rates.get(channel);
      const rate = known !== undefined && known.endMs > nowMs ? known : { count: 0, endMs: nowMs + windowMs };
      state.rates.set(channel, rate);
      rate.count += 1;
      return rate.count;
    }),
    hold: use((entry) => whenTakenOff(entry, () => state.hold(itemOf(entry)))),
    heldChannels: use(() => [...held.keys()]),
    readHeld: use((channel) => {
      const { texts, dropped } = held.get(channel) ?? { texts: [], dropped: 0 };
      return { items: texts.map(parse), dropped };
    }),
    releaseHeld: use(({ channel, count, firstId, dropped, digest }) => {
      const list = held.get(channel);
      const head = list?.texts[0];
      if (list === undefined || head === undefined) return false;
      if (parse(head).id !== firstId || list.texts.length < count) return false;
      list.texts.splice(0, count);
      list.dropped -= dropped;
      if (list.texts.length === 0 && list.dropped <= 0) held.delete(channel);
      state.offer(newItem({ channel, notification: digest }, Date.now()));
      return true;
    }),

    list: use((limit) => list(state).slice(0, limit)),
    retry: use((id) => {
      const text = dead.get(id) ?? postponed.get(id)?.text;
      if (text === undefined) return findOffered(id) !== undefined;
      dead.delete(id);
      postponed.delete(id);
      state.offer(parse(text));
      return true;
    }),
    discard: use((id) => {
      const cursor = findOffered(id);
      return dead.delete(id) || postponed.delete(id) || (cursor !== undefined && offered.delete(cursor));
    }),
    depth: use(() => ({ offered: offered.size, postponed: postponed.size, dead: dead.size })),
  };
}

function list({ offered, postponed, held, dead }: OutboxState): ListedItem[] {
  const listed = (text: string, status: ListedItem['status'], nextAtMs: number | null = null) => ({
    ...parse(text),
    status,
    nextAtMs,
  });
  return [
    ...[...offered.values()].map(({ text }) => listed(text, 'offered')),
    ...[...postponed.values()]
      .sort((a, b) => a.nextAtMs - b.nextAtMs)
      .map(({ text, nextAtMs }) => listed(text, 'postponed', nextAtMs)),
    ...[...held.values()].flatMap(({ texts }) => texts.map((text) => listed(text, 'held'))),
    ...[...dead.values()].toReversed().map((text) => listed(text, 'dead')),
  ];
}
