import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { CLOSE_CODES, type Cursor, newTaskId, type TaskServerMessage, taskMapSchema } from '@booner/protocol';
import { eventually, openTaskClient, type StreamClient } from '@booner/testkit';
import { describe, expect, it, vi } from 'vitest';
import { createExternal, externalTask, startTestTaskHub } from '../testing/test-task-hub.ts';

type Version2Client = StreamClient<TaskServerMessage>;

const messagesOf = ({ received }: Version2Client): TaskServerMessage[] =>
  received.map(({ message }) => message);
const typesOf = (client: Version2Client): string[] => messagesOf(client).map(({ type }) => type);
const eventsOf = (client: Version2Client) => messagesOf(client).filter((message) => message.type === 'event');
const lastCursorOf = (client: Version2Client): Cursor =>
  messagesOf(client).findLast((message) => 'cursor' in message)!.cursor;

/** Longer than any wait in this file, so that a failed wait reports its name. */
vi.setConfig({ testTimeout: 20_000 });

const until = (what: string, condition: () => unknown) => eventually(condition, { what });

describe('version 1', () => {
  it('sends the whole map at connect and at each change, and nothing for progress', async () => {
    const memory = createMemoryBus();
    await using hub = await startTestTaskHub(memory);
    using client = await openTaskClient(hub.url, { version: 1 });
    await until('the first map', () => client.received.length === 1);
    expect(client.latest()).toEqual({});
    const id = await createExternal(hub.bus);
    await until('queued', () => client.latest()?.[id]?.status === 'queued');
    await hub.bus.change(id, { status: 'running' });
    await until('running', () => client.latest()?.[id]?.status === 'running');
    await hub.bus.change(id, { progressPercent: 50, message: 'half' });
    await hub.bus.change(id, { status: 'failed', error: 'Failed to deploy: Connection refused' });
    await until('failed', () => client.latest()?.[id]?.status === 'failed');
    expect(client.received).toHaveLength(4);
    expect(client.latest()).toEqual({
      [id]: { status: 'failed', error: 'Failed to deploy: Connection refused' },
    });
    using late = await openTaskClient(hub.url, { version: 1 });
    await until('the map of the late client', () => late.received.length === 1);
    expect(late.latest()).toEqual(client.latest());
  });

  it('sends a burst as at most 20 messages a second, the last of which holds the final state', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 1 });
    await until('the first map', () => client.received.length === 1);
    const startMs = performance.now();
    const ids: string[] = [];
    while (performance.now() - startMs < 600) {
      ids.push(await createExternal(hub.bus));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('all tasks', () => Object.keys(client.latest() ?? {}).length === ids.length);
    const seconds = (performance.now() - startMs) / 1000;
    expect(client.received.length - 1).toBeLessThanOrEqual(Math.ceil(seconds * 20) + 1);
    expect(client.received.length).toBeGreaterThan(1);
  });

  it('gives a client that did not read the newest map when it reads again, and nothing in between', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 1, perMessageDeflate: false });
    await until('the first map', () => client.received.length === 1);
    client.socket.pause();
    // 100 tasks of 16 KiB: a map of 1.6 MB fills what the kernel takes of a stuck connection after
    // some changes.
    const ids = await Promise.all(Array.from({ length: 100 }, () => createExternal(hub.bus)));
    const result = { details: 'x'.repeat(16_000) };
    for (const id of ids) await hub.bus.change(id, { status: 'running', result });
    let round = 0;
    await until('maps that were skipped', async () => {
      await hub.bus.change(ids[0]!, { error: `round ${++round}` });
      return hub.stream.counts.mapsSkipped >= 3;
    });
    const skipped = hub.stream.counts.mapsSkipped;
    await hub.bus.change(ids[0]!, { status: 'failed', error: 'the end' });
    await until('the last map skipped', () => hub.stream.counts.mapsSkipped > skipped);
    const before = hub.stream.counts.mapsWritten;
    client.socket.resume();
    await until('the newest map', () => client.latest()?.[ids[0]!]?.error === 'the end');
    expect(hub.stream.counts.mapsWritten - before).toBeLessThanOrEqual(2);
    expect(Object.keys(taskMapSchema.parse(client.latest()))).toHaveLength(100);
  });

  it('ignores messages of its clients', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 1 });
    client.socket.send('{');
    client.socket.send(Buffer.from([1]));
    const id = await createExternal(hub.bus);
    await until('queued', () => client.latest()?.[id]?.status === 'queued');
  });
});

describe('version 2', () => {
  it('sends a snapshot and then each event once, with what changed', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const first = await createExternal(hub.bus);
    await until('the task on the board', () => hub.board.get(first));
    using client = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshot', () => client.received.length === 1);
    expect(client.latest()).toEqual({
      type: 'snapshot',
      cursor: hub.board.cursor,
      bus: 'connected',
      tasks: [await hub.bus.read(first)],
    });
    await hub.bus.change(first, { status: 'running' });
    await hub.bus.change(first, { progressPercent: 40, message: 'Copying files' });
    const second = await createExternal(hub.bus);
    await until('three events', () => eventsOf(client).length === 3);
    const events = eventsOf(client);
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'progress', 'created']);
    expect(events[1]?.task).toMatchObject({
      id: first,
      version: 3,
      progressPercent: 40,
      message: 'Copying files',
    });
    expect(events[2]?.task).toEqual(await hub.bus.read(second));
  });

  it('writes a burst in few flushes and skips nothing', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshot', () => client.received.length === 1);
    const made = await Promise.all(Array.from({ length: 300 }, () => createExternal(hub.bus)));
    await until('all events', () => eventsOf(client).length === 300);
    expect(eventsOf(client).map(({ task }) => task.id)).toEqual(made);
    expect(hub.stream.counts.flushes).toBeLessThan(20);
    expect(hub.stream.counts.eventsWritten).toBe(300);
  });

  it('resumes with exactly what was missed, on another hub too', async () => {
    const memory = createMemoryBus();
    await using hub = await startTestTaskHub(memory);
    await using other = await startTestTaskHub(memory);
    const id = await createExternal(hub.bus);
    const client = await openTaskClient(hub.url, { version: 2 });
    await until('the task', () => client.received.length > 0 && hub.board.get(id));
    const cursor = hub.board.cursor;
    client[Symbol.dispose]();
    await hub.bus.change(id, { status: 'running' });
    for (let percent = 1; percent <= 9; percent++) await hub.bus.change(id, { progressPercent: percent });
    using back = await openTaskClient(other.url, { version: 2, query: { cursor } });
    await until('ten events', () => eventsOf(back).length === 10);
    expect(messagesOf(back)[0]).toEqual({ type: 'resumed', cursor, bus: 'connected' });
    await hub.bus.change(id, { status: 'completed' });
    await until('the next event', () => eventsOf(back).length === 11);
    expect(eventsOf(back).map(({ task }) => task.version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(back.received).toHaveLength(12);
    expect(other.stream.counts).toMatchObject({ resumed: 1, snapshots: 0 });
  });

  it('resumes thousands of events page by page', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const id = await createExternal(hub.bus);
    await until('the task', () => hub.board.get(id));
    const { cursor } = hub.board;
    await hub.bus.change(id, { status: 'running' });
    for (let index = 0; index < 3000; index++) await hub.bus.change(id, { message: `step ${index}` });
    using client = await openTaskClient(hub.url, { version: 2, query: { cursor } });
    await until('all events', () => eventsOf(client).length === 3001);
    expect(eventsOf(client).map(({ task }) => task.version)).toEqual(
      Array.from({ length: 3001 }, (_, index) => index + 2),
    );
    expect(typesOf(client)[0]).toBe('resumed');
  });

  it('waits for events that a client knows from a faster hub', async () => {
    const memory = createMemoryBus();
    const gate = Promise.withResolvers<void>();
    let isHeld = false;
    await using slow = await startTestTaskHub(memory, {
      wrap: (bus) => ({
        ...bus,
        nextEvents: async (after, max) => {
          if (isHeld) await gate.promise;
          const events = await bus.nextEvents(after, max);
          if (isHeld) await gate.promise;
          return events;
        },
      }),
    });
    await until('the board', () => slow.board.isLoaded);
    isHeld = true;
    const id = await createExternal(slow.bus);
    await slow.bus.change(id, { status: 'running' });
    const events = await slow.bus.readEvents(slow.board.cursor, 10);
    const cursor = events[0] === undefined || events === 'trimmed' ? undefined : events.at(-1)?.cursor;
    using client = await openTaskClient(slow.url, { version: 2, query: { cursor: cursor! } });
    await until('resumed', () => typesOf(client).includes('resumed'));
    gate.resolve();
    await until('the board', () => slow.board.cursor === cursor);
    await slow.bus.change(id, { status: 'completed' });
    await until('the end', () => eventsOf(client).length > 0);
    expect(eventsOf(client).map(({ kind }) => kind)).toEqual(['ended']);
    expect(typesOf(client)).toEqual(['resumed', 'event']);
  });

  it('says that it is a snapshot when a cursor is not of this stream', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const id = await createExternal(hub.bus);
    await until('the task', () => hub.board.get(id));
    for (const cursor of ['1-1', '99999999999999-0']) {
      using client = await openTaskClient(hub.url, { version: 2, query: { cursor } });
      await until('an answer', () => client.received.length === 1);
      expect(client.latest()).toMatchObject({ type: 'snapshot', tasks: [{ id }] });
    }
  });

  it('answers a bad query with an error and a snapshot', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const queries: Record<string, string>[] = [
      { cursor: 'yesterday' },
      { hosts: '10.0.0.2,a b' },
      { hosts: ',' },
    ];
    for (const query of queries) {
      using client = await openTaskClient(hub.url, { version: 2, query });
      await until('two messages', () => client.received.length === 2);
      expect(typesOf(client)).toEqual(['error', 'snapshot']);
    }
  });

  it('narrows to hosts, at connect and later, and goes on from a cursor', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const here = await createExternal(hub.bus, '10.0.0.2');
    const there = await createExternal(hub.bus, '10.0.0.3');
    await until('both', () => hub.board.size === 2);
    using client = await openTaskClient(hub.url, { version: 2, query: { hosts: '10.0.0.2,10.0.0.9' } });
    await until('the snapshot', () => client.received.length === 1);
    expect(client.latest()).toMatchObject({ tasks: [{ id: here }] });
    const cursor = lastCursorOf(client);
    await hub.bus.change(there, { status: 'running' });
    await hub.bus.change(here, { status: 'running' });
    await until('an event', () => client.received.length === 2);
    expect(eventsOf(client).map(({ task }) => task.id)).toEqual([here]);
    client.send({ type: 'subscribe', hosts: ['10.0.0.3'], cursor });
    await until('the event of the other host', () => client.received.length === 4);
    expect(typesOf(client).slice(2)).toEqual(['resumed', 'event']);
    expect(eventsOf(client).at(-1)?.task.id).toBe(there);
    client.send({ type: 'subscribe' });
    await until('all', () => client.received.length === 5);
    expect(client.latest()).toMatchObject({ type: 'snapshot', tasks: [{ id: here }, { id: there }] });
  });

  it('answers a ping', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshot', () => client.received.length === 1);
    client.send({ type: 'ping' });
    await until('the pong', () => typesOf(client).at(-1) === 'pong');
  });

  it('answers an invalid message with an error and stays open', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using client = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshot', () => client.received.length === 1);
    const bad = [
      '{',
      '[]',
      '{"type":"shout"}',
      '{"type":"follow","taskId":"x"}',
      '{"type":"subscribe","hosts":[1]}',
    ];
    for (const text of bad) client.socket.send(text);
    client.socket.send(Buffer.from([1, 2]));
    await until('six errors', () => typesOf(client).filter((type) => type === 'error').length === 6);
    expect(messagesOf(client).at(-2)).toMatchObject({ detail: expect.stringContaining('/hosts/0') });
    const id = await createExternal(hub.bus);
    await until('an event', () => eventsOf(client)[0]?.task.id === id);
  });

  it('closes only a client that is more than 1 MiB behind, with a code to reconnect', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    using stuck = await openTaskClient(hub.url, { version: 2, perMessageDeflate: false });
    using reader = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshots', () => stuck.received.length + reader.received.length === 2);
    const id = await createExternal(hub.bus);
    await until('the first event', () => eventsOf(stuck).length === 1);
    stuck.socket.pause();
    let written = 0;
    await until('the client closed', async () => {
      for (let index = 0; index < 20; index++) {
        const details = `${written++} ${'x'.repeat(16_000)}`;
        await hub.bus.change(id, { status: 'running', result: { details } });
      }
      return hub.stream.counts.closedTooSlow === 1;
    });
    stuck.socket.resume();
    expect(await stuck.closed).toMatchObject({ code: CLOSE_CODES.tooSlow });
    await until('its place given up', () => hub.stream.clientCounts.version2 === 1);
    await until('all at the other client', () => eventsOf(reader).length === written + 1);
    const cursor = lastCursorOf(stuck);
    const seen = eventsOf(stuck).length;
    using back = await openTaskClient(hub.url, { version: 2, query: { cursor } });
    await until('the rest', () => eventsOf(back).length === written + 1 - seen);
    expect(typesOf(back)[0]).toBe('resumed');
    expect(eventsOf(back)[0]?.task.version).toBe(seen + 1);
    expect(hub.stream.counts.closedTooSlow).toBe(1);
  });

  it('does not count a large snapshot against a client', async () => {
    await using hub = await startTestTaskHub(createMemoryBus());
    const result = { details: 'x'.repeat(16_000) };
    const ids = await Promise.all(Array.from({ length: 600 }, () => createExternal(hub.bus)));
    for (const id of ids) await hub.bus.change(id, { status: 'running', result });
    await until('the board', () => hub.board.get(ids.at(-1)!)?.result);
    using client = await openTaskClient(hub.url, { version: 2, perMessageDeflate: false });
    client.socket.pause();
    await until('the snapshot on its way', () => hub.stream.counts.snapshots === 1);
    for (const id of ids.slice(0, 20)) await hub.bus.change(id, { message: 'on' });
    await until('20 events', () => hub.stream.counts.eventsWritten === 20);
    expect(hub.stream.counts.closedTooSlow).toBe(0);
    client.socket.resume();
    await until('all', () => eventsOf(client).length === 20);
    expect(messagesOf(client)[0]).toMatchObject({ type: 'snapshot' });
  });
});

describe('a bus', () => {
  it('that lost the position sends every client a snapshot or the map, once', async () => {
    const memory = createMemoryBus();
    let isEmptied = false;
    await using hub = await startTestTaskHub(memory, {
      wrap: (bus) => ({
        ...bus,
        nextEvents: async (after, max) => {
          if (!isEmptied) return bus.nextEvents(after, max);
          isEmptied = false;
          return 'trimmed';
        },
      }),
    });
    const id = await createExternal(hub.bus);
    await until('the task', () => hub.board.get(id));
    using version1 = await openTaskClient(hub.url, { version: 1 });
    using version2 = await openTaskClient(hub.url, { version: 2 });
    await until('both', () => version1.received.length + version2.received.length === 2);
    isEmptied = true;
    await until('both again', () => version1.received.length + version2.received.length === 4);
    expect(typesOf(version2)).toEqual(['snapshot', 'snapshot']);
    expect(version1.latest()).toEqual({ [id]: { status: 'queued' } });
  });

  it('that is disconnected leaves the sockets open, and nothing is lost or doubled once it is back', async () => {
    const memory = createMemoryBus();
    let isAway = false;
    const fail = () => {
      throw new Error('away');
    };
    await using hub = await startTestTaskHub(memory, {
      wrap: (bus) => ({
        ...bus,
        connection: () => (isAway ? { state: 'disconnected', sinceMs: 0, reason: 'test' } : bus.connection()),
        nextEvents: async (after, max) => {
          const events = isAway ? fail() : await bus.nextEvents(after, max);
          return isAway ? fail() : events;
        },
        readEvents: async (after, max) => (isAway ? fail() : bus.readEvents(after, max)),
      }),
    });
    using client = await openTaskClient(hub.url, { version: 2 });
    await until('the snapshot', () => client.received.length === 1);
    const id = await createExternal(hub.bus);
    await until('the event', () => client.received.length === 2);
    const cursor = lastCursorOf(client);
    isAway = true;
    await hub.bus.change(id, { status: 'running' });
    await hub.bus.change(id, { status: 'completed' });
    using comes = await openTaskClient(hub.url, { version: 2, query: { cursor: '0-0' } });
    await until('what is known', () => comes.received.length === 1);
    expect(comes.latest()).toMatchObject({
      type: 'snapshot',
      cursor,
      bus: 'disconnected',
      tasks: [{ id, version: 1 }],
    });
    isAway = false;
    await until('what was missed', () => eventsOf(client).length === 3 && eventsOf(comes).length === 2);
    const busOf = (each: Version2Client) =>
      messagesOf(each).flatMap((message) => (message.type === 'bus' ? message.bus : []));
    await until('the word that it is back', () => busOf(client).length === 2 && busOf(comes).length === 1);
    expect([busOf(client), busOf(comes)]).toEqual([['disconnected', 'connected'], ['connected']]);
    expect(eventsOf(client).map(({ task }) => task.version)).toEqual([1, 2, 3]);
    expect(eventsOf(comes).map(({ task }) => task.version)).toEqual([2, 3]);
  });

  it('that is disconnected keeps a client waiting that knows more than the hub, and then resumes it', async () => {
    const memory = createMemoryBus();
    let isAway = false;
    await using ahead = await startTestTaskHub(memory);
    await using behind = await startTestTaskHub(memory, {
      wrap: (bus) => {
        const unlessAway =
          <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
          async (...args: A): Promise<R> => {
            const result = await run(...args);
            if (isAway) throw new BusError('disconnected', 'test');
            return result;
          };
        return {
          ...bus,
          connection: () =>
            isAway ? { state: 'disconnected', sinceMs: 0, reason: 'test' } : bus.connection(),
          nextEvents: unlessAway(bus.nextEvents),
          readEvents: unlessAway(bus.readEvents),
        };
      },
    });
    const id = await createExternal(ahead.bus);
    await until('the task on the hub behind', () => behind.board.get(id));
    isAway = true;
    await ahead.bus.change(id, { status: 'running' });
    using client = await openTaskClient(ahead.url, { version: 2 });
    await until(
      'the running task',
      () => eventsOf(client).length === 1 || ahead.board.get(id)?.version === 2,
    );
    const cursor = ahead.board.cursor;
    using comes = await openTaskClient(behind.url, { version: 2, query: { cursor } });
    await until('the word to wait', () => typesOf(comes).includes('waiting'));
    expect(messagesOf(comes)[0]).toEqual({ type: 'waiting', reason: 'the test says so' });
    await ahead.bus.change(id, { status: 'completed' });
    isAway = false;
    await until('what was missed', () => eventsOf(comes).length === 1);
    expect(messagesOf(comes).filter(({ type }) => type !== 'waiting')).toMatchObject([
      { type: 'resumed', cursor },
      { type: 'event', kind: 'ended', task: { id, version: 3 } },
    ]);
  });

  it('that was not read yet keeps a client waiting with its cursor, and then resumes it', async () => {
    const memory = createMemoryBus();
    await using earlier = await startTestTaskHub(memory);
    const id = await createExternal(earlier.bus);
    await until('the task', () => earlier.board.get(id));
    const { cursor } = earlier.board;
    await earlier.bus.change(id, { status: 'running' });
    const gate = Promise.withResolvers<void>();
    await using hub = await startTestTaskHub(memory, {
      wrap: (bus) => ({
        ...bus,
        readBoard: async (ended) => {
          await gate.promise;
          return bus.readBoard(ended);
        },
      }),
    });
    using client = await openTaskClient(hub.url, { version: 2, query: { cursor } });
    await until('the word to wait', () => typesOf(client).includes('waiting'));
    gate.resolve();
    await until('what was missed', () => eventsOf(client).length === 1);
    expect(typesOf(client)).toEqual(['waiting', 'resumed', 'event']);
  });

  it('that was never reached keeps clients waiting instead of showing them no tasks', async () => {
    const gate = Promise.withResolvers<void>();
    await using hub = await startTestTaskHub(createMemoryBus(), {
      wrap: (bus) => ({
        ...bus,
        readBoard: async (ended) => {
          await gate.promise;
          return bus.readBoard(ended);
        },
      }),
    });
    const id = await createExternal(hub.bus);
    using version1 = await openTaskClient(hub.url, { version: 1 });
    using version2 = await openTaskClient(hub.url, { version: 2 });
    version2.send('what?');
    await until('an error', () => typesOf(version2).includes('error'));
    expect(version1.received).toHaveLength(0);
    expect(typesOf(version2)).toEqual(['waiting', 'error']);
    gate.resolve();
    await until('both', () => version1.received.length === 1 && version2.received.length === 3);
    expect(version2.latest()).toMatchObject({ type: 'snapshot', tasks: [{ id }] });
  });
});

it('forgets clients that are gone', async () => {
  await using hub = await startTestTaskHub(createMemoryBus());
  const one = await openTaskClient(hub.url, { version: 1 });
  const two = await openTaskClient(hub.url, { version: 2 });
  await until('both', () => hub.stream.clientCounts.version1 + hub.stream.clientCounts.version2 === 2);
  await hub.bus.create(externalTask());
  two.send({ type: 'follow', taskId: newTaskId() });
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  await until('none', () => hub.stream.clientCounts.version1 + hub.stream.clientCounts.version2 === 0);
  expect(hub.stream.counts.followedLogs).toBe(0);
});
