import { createMemoryBus } from '@booner/bus/memory';
import {
  type Cursor,
  compareCursors,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskId,
  type TaskServerMessage,
  type TaskSnapshot,
} from '@booner/protocol';
import { eventually, openTaskClient, type StreamClient } from '@booner/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAULTS, FaultyHub } from '../testing/test-faulty-hub.ts';
import { createExternal } from '../testing/test-task-hub.ts';

/** A client of the protocol: it keeps a picture and reconnects with its last cursor. */
class Replica {
  readonly #picture = new Map<TaskId, Task>();
  #cursor: Cursor | null = null;
  #asked: Cursor | null = null;
  #client: StreamClient<TaskServerMessage> | null = null;
  #taken = 0;
  #connecting: Promise<void> = Promise.resolve();

  /** Starts to connect; later events for this client wait for the connection. */
  connect(hub: { readonly url: string }, isFresh: boolean): void {
    this.#connecting = this.#connecting.then(async () => {
      this.#disconnect();
      this.#ask(isFresh);
      const query: Record<string, string> = this.#asked === null ? {} : { cursor: this.#asked };
      this.#client = await openTaskClient(hub.url, { version: 2, query });
      this.#taken = 0;
    });
  }

  async subscribe(isFresh: boolean): Promise<void> {
    await this.#connecting;
    this.take();
    this.#ask(isFresh);
    this.#client?.send({ type: 'subscribe', ...(this.#asked !== null && { cursor: this.#asked }) });
  }

  async leave(): Promise<void> {
    await this.#connecting;
    this.#disconnect();
  }

  async connected(): Promise<void> {
    await this.#connecting;
  }

  get cursor(): Cursor | null {
    this.take();
    return this.#cursor;
  }

  get tasks(): Task[] {
    return [...this.#picture.values()].sort(byId);
  }

  /** Applies what has come since the last call. */
  take(): void {
    const messages = this.#client?.received.slice(this.#taken) ?? [];
    this.#taken += messages.length;
    for (const { message } of messages) {
      switch (message.type) {
        case 'snapshot':
          this.#takeSnapshot(message);
          break;
        case 'resumed':
          this.#cursor = message.cursor;
          break;
        case 'waiting':
        case 'bus':
          break;
        case 'event':
          this.#apply(message);
          break;
        default:
          throw new Error(`unexpected ${message.type}`);
      }
    }
  }

  #takeSnapshot({ cursor, tasks }: TaskSnapshot): void {
    if (this.#asked !== null) {
      expect(compareCursors(cursor, this.#cursor!), 'an older snapshot').toBeGreaterThanOrEqual(0);
      for (const { id, version } of this.#picture.values()) {
        const task = tasks.find((each) => each.id === id);
        expect(task?.version, 'a task that went back').toBeGreaterThanOrEqual(version);
      }
    }
    this.#picture.clear();
    for (const task of tasks) this.#picture.set(task.id, task);
    this.#cursor = cursor;
    this.#asked = cursor;
  }

  #apply({ cursor, task }: TaskEvent): void {
    const before = this.#cursor ?? START_CURSOR;
    expect(compareCursors(cursor, before), 'an event twice').toBeGreaterThan(0);
    this.#cursor = cursor;
    const known = this.#picture.get(task.id);
    expect(task.version, 'an event missed').toBeLessThanOrEqual((known?.version ?? 0) + 1);
    if (task.version > (known?.version ?? 0)) this.#picture.set(task.id, { ...known, ...task } as Task);
  }

  #ask(isFresh: boolean): void {
    this.#asked = isFresh ? null : this.#cursor;
  }

  #disconnect(): void {
    this.take();
    this.#client?.[Symbol.dispose]();
    this.#client = null;
  }
}

const byId = (a: Task, b: Task) => (a.id < b.id ? -1 : 1);

const client = fc.nat(2);
const hub = fc.nat(1);
const isFresh = fc.boolean();
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('change' as const), task: fc.nat(3), percent: fc.nat(100) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('create' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('connect' as const), client, hub, isFresh }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('subscribe' as const), client, isFresh }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), client }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('turns' as const), count: fc.nat(20) }) },
  // Whatever else has happened: a client learns something that a hub does not, and then comes to
  // it.
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fall behind' as const),
      client,
      hub,
      fault: fc.constantFrom('cut' as const, 'hold' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('fault' as const),
      hub,
      fault: fc.constantFrom(...FAULTS),
    }),
  },
);

it('shows every client what the bus holds and never an older state, whatever fails and wherever it reconnects', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const memory = createMemoryBus();
      await using first = new FaultyHub(memory);
      await using second = new FaultyHub(memory);
      const hubs = [first, second];
      for (const each of hubs) await each.start();
      await using bus = memory.startTasks();
      const clients = [new Replica(), new Replica(), new Replica()];
      const ids = [await createExternal(bus)];
      for (const each of steps) {
        switch (each.type) {
          case 'create':
            ids.push(await createExternal(bus));
            break;
          case 'change':
            await bus.change(ids[each.task % ids.length]!, {
              status: 'running',
              progressPercent: each.percent,
            });
            break;
          case 'connect':
            clients[each.client]!.connect(hubs[each.hub]!, each.isFresh);
            break;
          case 'subscribe':
            await clients[each.client]!.subscribe(each.isFresh);
            break;
          case 'leave':
            await clients[each.client]!.leave();
            break;
          case 'turns':
            for (let turn = 0; turn < each.count; turn++) await new Promise(setImmediate);
            break;
          case 'fall behind': {
            const replica = clients[each.client]!;
            replica.connect(hubs[1 - each.hub]!, false);
            await replica.connected();
            await hubs[each.hub]![each.fault]();
            ids.push(await createExternal(bus));
            for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
            replica.connect(hubs[each.hub]!, false);
            break;
          }
          case 'fault':
            for (const client of clients) await client.connected();
            await hubs[each.hub]![each.fault]();
            break;
          default:
            each satisfies never;
        }
      }
      for (const each of hubs) each.heal();
      for (const [index, client] of clients.entries()) client.connect(hubs[index % 2]!, false);
      await Promise.all(clients.map((client) => client.connected()));
      const { cursor, tasks } = await bus.readBoard(200);
      for (const client of clients) {
        await eventually(() => client.cursor === cursor, { what: 'the last event' });
        expect(client.tasks).toEqual(tasks.toSorted(byId));
        await client.leave();
      }
    }),
    { numRuns: 60 },
  );
});
