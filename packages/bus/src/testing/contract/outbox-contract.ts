import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { MAX_DEAD_ITEMS, MAX_HELD_ITEMS, MAX_OUTBOX_ITEMS } from '../../limits.ts';
import type { OutboxBus, OutboxEntry } from '../../outbox-ports.ts';
import { makeEntries, makeNotification } from './alert-factory.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';

/** A bus of one implementation, with an empty outbox at first. */
export type OutboxBusUnderTest = AsyncDisposable & {
  startOutbox(hub: string): Promise<OutboxBus>;
};

const ANSWER = 'HTTP 503: "try, later" ","notification":{} \\';
const MINUTE_MS = 60_000;

const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

/** Describes the behaviour of every implementation of `OutboxBus`. */
export function describeOutboxContract(startBus: () => Promise<OutboxBusUnderTest>): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const startHub = async (name: string) => {
      const hub = await bus.startOutbox(name);
      owned.use(hub);
      await untilConnected(hub);
      return hub;
    };
    const owned = resources.move();
    const hub = await startHub('hub-1');
    /** Puts notifications into the outbox and takes them. */
    const takeNew = async (count: number, channel?: string): Promise<readonly OutboxEntry[]> => {
      await hub.put(makeEntries(count, channel));
      const taken: OutboxEntry[] = [];
      while (taken.length < count) taken.push(...(await hub.take(count - taken.length)));
      return taken;
    };
    const takeOne = async () => (await takeNew(1))[0] as OutboxEntry;
    return { hub, startHub, takeNew, takeOne, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startOutbox('hub-1') };
    }));

  describe('what is put into the outbox', () => {
    it('is taken by one hub, oldest first, unchanged', async () => {
      await using scene = await start();
      const second = await scene.startHub('hub-2');
      const beforeMs = Date.now();
      await scene.hub.put([
        ...makeEntries(3),
        { channel: 'mail', notification: makeNotification({ id: 'n-1' }) },
      ]);
      const taken = [...(await scene.hub.take(2)), ...(await second.take(1)), ...(await scene.hub.take(10))];
      expect(idsOf(taken)).toEqual(['n-1:ops', 'n-2:ops', 'n-3:ops', 'n-1:mail']);
      const [first] = taken;
      expect(first).toEqual({
        id: 'n-1:ops',
        channel: 'ops',
        notification: makeNotification(),
        attempts: 0,
        firstAtMs: expect.any(Number),
        answer: null,
        cursor: expect.any(String),
      });
      expect(first?.firstAtMs).toBeGreaterThanOrEqual(beforeMs);
      expect(await scene.hub.depth()).toEqual({ offered: 4, postponed: 0, dead: 0 });
    });

    it('wakes a hub that waits', async () => {
      await using scene = await start();
      const waiting = scene.hub.take(10);
      await scene.hub.put(makeEntries(1));
      expect(idsOf(await waiting)).toEqual(['n-1:ops']);
    });

    it('is waited for about 5 s', async () => {
      await using scene = await start();
      const startMs = performance.now();
      expect(await scene.hub.take(10)).toEqual([]);
      expect(performance.now() - startMs).toBeGreaterThan(4000);
    }, 30_000);

    it('is gone once it was delivered', async () => {
      await using scene = await start();
      const entry = await scene.takeOne();
      await scene.hub.finish(entry);
      await scene.hub.finish(entry);
      expect(await scene.hub.depth()).toEqual({ offered: 0, postponed: 0, dead: 0 });
      expect(await scene.hub.takeOver(0, 10)).toEqual([]);
    });

    it('is taken over from a hub that did not take it off, after a time', async () => {
      await using scene = await start();
      const second = await scene.startHub('hub-2');
      const [first, other] = await scene.takeNew(2);
      expect(await second.takeOver(MINUTE_MS, 10)).toEqual([]);
      expect(await second.takeOver(0, 1)).toEqual([first]);
      expect(await second.takeOver(0, 10)).toEqual([first, other]);
      expect(await scene.hub.takeOver(MINUTE_MS, 10)).toEqual([]);
    });

    it('is not kept, and not sent again, by a hub whose entry another one has taken off', async () => {
      await using scene = await start();
      const second = await scene.startHub('hub-2');
      const stale = await scene.takeOne();
      const [entry] = await second.takeOver(0, 1);
      await second.finish(entry as OutboxEntry);
      await scene.hub.postpone(stale, { delayMs: 0, answer: ANSWER });
      await scene.hub.bury(stale, ANSWER);
      await scene.hub.hold(stale);
      expect(await scene.hub.depth()).toEqual({ offered: 0, postponed: 0, dead: 0 });
      expect(await scene.hub.heldChannels()).toEqual([]);
    });
  });

  describe('a notification', () => {
    it('has older ones of its episode while these wait for the same channel', async () => {
      await using scene = await start();
      const { hub } = scene;
      const put = (id: string, channel = 'ops', episode = 'e-1') =>
        hub.put([{ channel, notification: makeNotification({ id, episode }) }]);
      const take = async () => (await hub.take(1))[0] as OutboxEntry;
      await put('n-1');
      const first = await take();
      // Order is by the time in milliseconds.
      await eventually(() => Date.now() > first.firstAtMs, { what: 'a millisecond' });
      await put('n-2');
      await put('n-3', 'mail');
      await put('n-4', 'ops', 'e-10');
      const [second, elsewhere, other] = [await take(), await take(), await take()];
      const older = () => Promise.all([first, second, elsewhere, other].map((each) => hub.hasOlder(each)));
      expect(await older()).toEqual([false, true, false, false]);
      await hub.postpone(first, { delayMs: MINUTE_MS, answer: ANSWER });
      expect(await older()).toEqual([false, true, false, false]);
      await hub.discard(first.id);
      expect(await older()).toEqual([false, false, false, false]);
    });
  });

  describe('an entry that is postponed', () => {
    it('is offered again when its time has come, with one attempt more and the answer', async () => {
      await using scene = await start();
      const { hub } = scene;
      const [soon, late] = (await scene.takeNew(2)) as [OutboxEntry, OutboxEntry];
      await hub.postpone(late, { delayMs: MINUTE_MS, answer: ANSWER });
      await hub.postpone(soon, { delayMs: 0, answer: ANSWER });
      expect(await hub.depth()).toEqual({ offered: 0, postponed: 2, dead: 0 });
      await eventually(async () => (await hub.wake(10)) === 1, { what: 'one to be offered' });
      expect(await hub.wake(10)).toBe(0);
      const { cursor: _, ...first } = soon;
      expect(await hub.take(10)).toEqual([
        { ...first, attempts: 1, answer: ANSWER, cursor: expect.any(String) },
      ]);
    });

    it('has the attempts and the answer that it had if no attempt was made', async () => {
      await using scene = await start();
      const { hub } = scene;
      const entry = await scene.takeOne();
      const takeAgain = async () => {
        await eventually(async () => (await hub.wake(10)) === 1, { what: 'it to be offered' });
        return (await hub.take(1))[0] as OutboxEntry;
      };
      await hub.postpone(entry, { delayMs: 0, answer: null });
      const second = await takeAgain();
      expect(second).toEqual({ ...entry, cursor: second.cursor });
      await hub.postpone(second, { delayMs: 0, answer: ANSWER });
      const third = await takeAgain();
      await hub.postpone(third, { delayMs: 0, answer: null });
      expect(await takeAgain()).toMatchObject({ attempts: 1, answer: ANSWER });
    });

    it('is offered once, whichever hubs look', async () => {
      await using scene = await start();
      const second = await scene.startHub('hub-2');
      for (const entry of await scene.takeNew(20)) {
        await scene.hub.postpone(entry, { delayMs: 0, answer: ANSWER });
      }
      await eventually(async () => (await scene.hub.wake(1)) === 1, { what: 'one to be offered' });
      const counts = await Promise.all([scene.hub, second, scene.hub, second].map((hub) => hub.wake(7)));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(19);
      expect(await scene.hub.depth()).toEqual({ offered: 20, postponed: 0, dead: 0 });
    });

    it('can be tried at once, or be removed', async () => {
      await using scene = await start();
      const { hub } = scene;
      for (const entry of await scene.takeNew(3)) {
        await hub.postpone(entry, { delayMs: MINUTE_MS, answer: ANSWER });
      }
      expect(await hub.retry('n-2:ops')).toBe(true);
      expect(idsOf(await hub.take(10))).toEqual(['n-2:ops']);
      expect(await hub.retry('n-2:ops')).toBe(true); // a hub is sending it
      expect(await hub.discard('n-1:ops')).toBe(true);
      expect(await hub.discard('n-1:ops')).toBe(false);
      expect(await hub.retry('n-1:ops')).toBe(false);
      expect(await hub.retry('n-*')).toBe(false);
      expect(await hub.discard('n-2:ops')).toBe(true);
      expect(await hub.depth()).toEqual({ offered: 0, postponed: 1, dead: 0 });
    });
  });

  describe('an entry that is buried', () => {
    it('is kept for people, who can try it again or remove it', async () => {
      await using scene = await start();
      const { hub } = scene;
      const [first, second] = (await scene.takeNew(2)) as [OutboxEntry, OutboxEntry];
      await hub.bury(first, ANSWER);
      await hub.bury(second, ANSWER);
      expect(await hub.wake(10)).toBe(0);
      expect(await hub.depth()).toEqual({ offered: 0, postponed: 0, dead: 2 });
      expect(await hub.retry('n-1:ops')).toBe(true);
      expect(await hub.take(10)).toMatchObject([{ id: 'n-1:ops', attempts: 1, answer: ANSWER }]);
      expect(await hub.discard('n-2:ops')).toBe(true);
      expect(await hub.discard('n-2:ops')).toBe(false);
      expect(await hub.depth()).toEqual({ offered: 1, postponed: 0, dead: 0 });
    });

    it('makes room for newer ones', async () => {
      await using scene = await start();
      const { hub } = scene;
      const total = MAX_DEAD_ITEMS * 1.1 + 1;
      const taken = await scene.takeNew(total);
      for (const entry of taken) await hub.bury(entry, ANSWER);
      expect((await hub.depth()).dead).toBe(MAX_DEAD_ITEMS);
      // Those of one millisecond are in no order, so the border itself is not exact.
      expect(await hub.retry('n-1:ops')).toBe(false);
      expect(await hub.retry(`n-${total}:ops`)).toBe(true);
    }, 60_000);

    it('is what becomes of all that a full outbox gets', async () => {
      await using scene = await start();
      const { hub } = scene;
      for (let count = 0; count < MAX_OUTBOX_ITEMS; count += 500) {
        await hub.put(makeEntries(500, `batch-${count}`));
      }
      await hub.put(makeEntries(2));
      expect(await hub.depth()).toEqual({ offered: MAX_OUTBOX_ITEMS, postponed: 0, dead: 2 });
      expect(await hub.retry('n-1:ops')).toBe(true);
      expect(await hub.depth()).toEqual({ offered: MAX_OUTBOX_ITEMS, postponed: 0, dead: 2 });
      await hub.finish((await hub.take(1))[0] as OutboxEntry);
      expect(await hub.retry('n-1:ops')).toBe(true);
      expect(await hub.depth()).toEqual({ offered: MAX_OUTBOX_ITEMS, postponed: 0, dead: 1 });
    }, 60_000);
  });

  it('lists what was not delivered: what waits, then what is dead', async () => {
    await using scene = await start();
    const { hub } = scene;
    const [first, second, third, fourth] = (await scene.takeNew(5)) as OutboxEntry[];
    const beforeMs = Date.now();
    await hub.postpone(first as OutboxEntry, { delayMs: MINUTE_MS, answer: ANSWER });
    await hub.hold(second as OutboxEntry);
    await hub.bury(third as OutboxEntry, ANSWER);
    await new Promise((resolve) => setTimeout(resolve, 5)); // the next one is buried later
    await hub.bury(fourth as OutboxEntry, ANSWER);
    const listed = await hub.list(10);
    expect(listed.map(({ id, status, attempts, answer }) => [id, status, attempts, answer])).toEqual([
      ['n-5:ops', 'offered', 0, null],
      ['n-1:ops', 'postponed', 1, ANSWER],
      ['n-2:ops', 'held', 0, null],
      ['n-4:ops', 'dead', 1, ANSWER],
      ['n-3:ops', 'dead', 1, ANSWER],
    ]);
    expect(listed[1]?.nextAtMs).toBeGreaterThanOrEqual(beforeMs + MINUTE_MS);
    expect(listed[0]?.nextAtMs).toBeNull();
    expect(listed[0]?.notification).toEqual(makeNotification({ id: 'n-5' }));
    expect(idsOf(await hub.list(2))).toEqual(['n-5:ops', 'n-1:ops']);
  });

  describe('a channel that gets too much', () => {
    it('has its messages counted over all hubs, window by window', async () => {
      await using scene = await start();
      const second = await scene.startHub('hub-2');
      const counts = [];
      for (const hub of [scene.hub, second, scene.hub]) counts.push(await hub.countSend('ops', MINUTE_MS));
      expect([...counts, await second.countSend('mail', MINUTE_MS)]).toEqual([1, 2, 3, 1]);
      await eventually(async () => (await scene.hub.countSend('push', 1)) === 1, { what: 'a new window' });
    });

    it('holds entries until a digest takes their place', async () => {
      await using scene = await start();
      const { hub } = scene;
      for (const entry of await scene.takeNew(3)) await hub.hold(entry);
      for (const entry of await scene.takeNew(1, 'mail')) await hub.hold(entry);
      expect((await hub.heldChannels()).toSorted()).toEqual(['mail', 'ops']);
      const { items, dropped } = await hub.readHeld('ops');
      expect([idsOf(items), dropped]).toEqual([['n-1:ops', 'n-2:ops', 'n-3:ops'], 0]);
      expect(items[0]?.notification).toEqual(makeNotification());

      const digest = makeNotification({ id: 'digest-1', kind: 'summary' });
      const release = { channel: 'ops', count: 2, firstId: 'n-1:ops', dropped, digest };
      expect(await hub.releaseHeld({ ...release, firstId: 'n-1' })).toBe(false);
      expect(await hub.releaseHeld({ ...release, count: 4 })).toBe(false);
      expect((await hub.depth()).offered).toBe(0);
      expect(await hub.releaseHeld(release)).toBe(true);
      expect(await hub.releaseHeld(release)).toBe(false);
      expect(await hub.take(10)).toMatchObject([
        { id: 'digest-1:ops', channel: 'ops', attempts: 0, notification: digest },
      ]);
      expect(idsOf((await hub.readHeld('ops')).items)).toEqual(['n-3:ops']);
      expect(await hub.releaseHeld({ ...release, count: 1, firstId: 'n-3:ops' })).toBe(true);
      expect(await hub.heldChannels()).toEqual(['mail']);
      expect(await hub.readHeld('ops')).toEqual({ items: [], dropped: 0 });
    });

    it('holds 1,000, and counts what it drops', async () => {
      await using scene = await start();
      const { hub } = scene;
      const taken = await scene.takeNew(MAX_HELD_ITEMS + 3);
      for (const entry of taken) await hub.hold(entry);
      const { items, dropped } = await hub.readHeld('ops');
      expect([items.length, dropped]).toEqual([MAX_HELD_ITEMS, 3]);
      const digest = makeNotification({ id: 'digest-1', kind: 'summary' });
      const release = { channel: 'ops', count: MAX_HELD_ITEMS, firstId: 'n-1:ops', dropped, digest };
      expect(await hub.releaseHeld(release)).toBe(true);
      expect(await hub.heldChannels()).toEqual([]);
    }, 60_000);
  });
}
