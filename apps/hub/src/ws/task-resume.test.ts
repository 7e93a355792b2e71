import { createMemoryBus } from '@booner/bus/memory';
import {
  type Cursor,
  compareCursors,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskId,
  type TaskServerMessage,
} from '@booner/protocol';
import { eventually, openTaskClient, type StreamClient } from '@booner/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createExternal, startTestTaskHub, type TestTaskHub } from './test-task-hub.ts';

/** A client as a program of the protocol would be: it keeps a picture, and comes back with its last cursor. */
class Replica {
  readonly #picture = new Map<TaskId, Task>();
  #cursor: Cursor | null = null;
  #asked: Cursor | null = null;
  #client: StreamClient<TaskServerMessage> | null = null;
  #taken = 0;
  #connecting: Promise<void> = Promise.resolve();

  /** Begins to connect; what else happens to this client waits for that. */
  connect(hub: TestTaskHub, isFresh: boolean): void {
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
          this.#picture.clear();
          for (const task of message.tasks) this.#picture.set(task.id, task);
          this.#cursor = message.cursor;
          break;
        case 'resumed':
          this.#cursor = message.cursor;
          break;
        case 'event':
          this.#apply(message);
          break;
        default:
          throw new Error(`unexpected ${message.type}`);
      }
    }
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
);

it('shows every client what the bus holds, whatever it missed and wherever it comes back', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const memory = createMemoryBus();
      await using first = await startTestTaskHub(memory);
      await using second = await startTestTaskHub(memory);
      const hubs = [first, second];
      const clients = [new Replica(), new Replica(), new Replica()];
      const ids = [await createExternal(first.bus)];
      for (const each of steps) {
        switch (each.type) {
          case 'create':
            ids.push(await createExternal(first.bus));
            break;
          case 'change':
            await first.bus.change(ids[each.task % ids.length]!, {
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
          default:
            each satisfies never;
        }
      }
      for (const [index, client] of clients.entries()) client.connect(hubs[index % 2]!, false);
      await Promise.all(clients.map((client) => client.connected()));
      const { cursor, tasks } = await first.bus.readBoard(200);
      for (const client of clients) {
        await eventually(() => client.cursor === cursor, { deadlineMs: 5000, what: 'the last event' });
        expect(client.tasks).toEqual(tasks.toSorted(byId));
        await client.leave();
      }
    }),
    { numRuns: 60 },
  );
});
