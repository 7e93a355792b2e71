import { createMemoryBus } from '@booner/bus/memory';
import { type BoonerClient, createBoonerClient } from '@booner/client';
import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { eventually } from '@booner/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAULTS, FaultyHub } from '../testing/test-faulty-hub.ts';
import { createExternal } from '../testing/test-task-hub.ts';

const hub = fc.nat(2);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('create' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('change' as const),
      task: fc.nat(5),
      status: fc.constantFrom('running' as const, 'completed' as const, 'failed' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('move' as const), hub }) },
  // Whatever else has happened: the client learns something that this hub does not, and then comes
  // to it.
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('fall behind' as const),
      hub,
      fault: fc.constantFrom('cut' as const, 'hold' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('fault' as const), hub, fault: fc.constantFrom(...FAULTS) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(150) }) },
);

it('keeps what a client shows from going back in time, over hubs that are cut, restarted and behind', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const memory = createMemoryBus();
      await using bus = memory.startTasks();
      await using stack = new AsyncDisposableStack();
      const hubs = [1, 2, 3].map(() => stack.use(new FaultyHub(memory)));
      for (const each of hubs) await each.start();
      const balancer = new Balancer(hubs);
      const client = stack.adopt(balancer.createClient(), (each) => each.close());
      const tasks = watch(client);
      const ids = [await createExternal(bus)];
      for (const each of steps) {
        switch (each.type) {
          case 'create':
            ids.push(await createExternal(bus));
            break;
          case 'change':
            await bus.change(ids[each.task % ids.length]!, { status: each.status });
            break;
          case 'move':
            balancer.moveTo(each.hub);
            break;
          case 'fall behind': {
            const seen = tasks();
            await hubs[each.hub]![each.fault]();
            ids.push(await createExternal(bus));
            // None come where the client's own hub is cut off too; then this step is a plain move.
            await eventually(() => tasks() !== seen, { deadlineMs: 100, what: 'news' }).catch(() => {});
            balancer.moveTo(each.hub);
            break;
          }
          case 'fault':
            await hubs[each.hub]![each.fault]();
            break;
          case 'pass':
            await new Promise((resolve) => setTimeout(resolve, each.ms));
            break;
          default:
            each satisfies never;
        }
      }
      for (const each of hubs) each.heal();
      const stored = (await bus.readBoard(200)).tasks;
      await eventually(
        () => {
          const { type } = client.connections.tasks.getSnapshot();
          return type === 'live' && client.tasks.getSnapshot().bus === 'connected' && isSame(tasks(), stored);
        },
        { what: 'the client to show what the bus holds' },
      );
    }),
    { numRuns: 10, endOnFailure: true }, // a smaller failure takes minutes to find
  );
});

/**
 * Stands between a client and several hubs: each connection goes to the one that is chosen then.
 */
class Balancer {
  readonly #hubs: readonly FaultyHub[];
  #chosen = 0;
  #socket: WebSocket | null = null;

  constructor(hubs: readonly FaultyHub[]) {
    this.#hubs = hubs;
  }

  /** Ends the connection to the hub before. */
  moveTo(index: number): void {
    this.#chosen = index;
    this.#socket?.close();
  }

  createClient(): BoonerClient {
    const route = (url: string | URL): URL => {
      const { pathname, search } = new URL(url);
      return new URL(`${pathname}${search}`, this.#hubs[this.#chosen]!.url);
    };
    return createBoonerClient({
      url: 'http://hubs.invalid',
      random: () => 0.1,
      fetch: (input, init) => fetch(route(String(input)), init),
      webSocket: (url, protocols) => {
        const target = route(url);
        target.protocol = 'ws:';
        this.#socket = new WebSocket(target, protocols);
        return this.#socket;
      },
    });
  }
}

/** Holds each picture that a client shows against the one before. @returns the newest one */
function watch(client: BoonerClient): () => ReadonlyMap<string, Task> {
  let before: ReadonlyMap<string, Task> = new Map();
  client.tasks.subscribe(() => {
    const { tasks } = client.tasks.getSnapshot();
    for (const [id, task] of before) {
      const now = tasks.get(task.id);
      expect(now, `task ${id} is gone`).toBeDefined();
      expect(now!.version, `task ${id} went back`).toBeGreaterThanOrEqual(task.version);
      if (hasEnded(task.status)) expect(now!.status).toBe(task.status);
    }
    before = tasks;
  });
  return () => before;
}

const isSame = (shown: ReadonlyMap<string, Task>, stored: readonly Task[]): boolean =>
  shown.size === stored.length && stored.every(({ id, version }) => shown.get(id)?.version === version);
