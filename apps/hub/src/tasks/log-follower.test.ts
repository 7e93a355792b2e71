import { createMemoryBus, type MemoryBus } from '@booner/bus/memory';
import {
  type LogEntry,
  newTaskId,
  type TaskId,
  type TaskLogMessage,
  type TaskServerMessage,
} from '@booner/protocol';
import { eventually, openTaskClient, type StreamClient } from '@booner/testkit';
import { expect, it, vi } from 'vitest';
import {
  createExternal,
  startLogWriter,
  startTestTaskHub,
  type TestTaskHub,
} from '../testing/test-task-hub.ts';

vi.setConfig({ testTimeout: 20_000 });

const until = (what: string, condition: () => unknown) => eventually(condition, { what });

/** A hub with a running task and a writer of its log. */
async function startLoggingTask(wrap?: NonNullable<Parameters<typeof startTestTaskHub>[1]>['wrap']) {
  const memory: MemoryBus = createMemoryBus();
  const stack = new AsyncDisposableStack();
  const hub: TestTaskHub = stack.use(await startTestTaskHub(memory, { ...(wrap && { wrap }) }));
  const writer = stack.use(startLogWriter(memory));
  const id = await createExternal(hub.bus);
  await hub.bus.change(id, { status: 'running' });
  await until('the task on the board', () => hub.board.get(id)?.status === 'running');
  let next = 1;
  return {
    hub,
    id,
    /**
     * Appends lines with their numbers as text, `entryLines` to an entry; returns the number of the
     * last.
     */
    write: async (count: number, { entryLines = 1, text = '' } = {}) => {
      const entries: LogEntry[] = [];
      for (let left = count; left > 0; left -= entryLines) {
        const numbers = Array.from({ length: Math.min(entryLines, left) }, () => next++);
        entries.push({
          line: numbers[0]!,
          stream: 'stdout',
          text: numbers.map((number) => `${number}${text}`).join('\n'),
        });
      }
      expect(await writer.appendLog(id, entries)).toBe('sent');
      return next - 1;
    },
    /** Numbers that are never written. */
    drop: (count: number) => {
      next += count;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const logsOf = ({ received }: StreamClient<TaskServerMessage>, id: TaskId): TaskLogMessage[] =>
  received
    .map(({ message }) => message)
    .filter((message) => message.type === 'log' && message.taskId === id) as TaskLogMessage[];
const linesOf = (client: StreamClient<TaskServerMessage>, id: TaskId): number[] =>
  logsOf(client, id).flatMap(({ lines }) => lines.map(({ line }) => line));
const errorsOf = ({ received }: StreamClient<TaskServerMessage>): string[] =>
  received
    .map(({ message }) => message)
    .flatMap((message) => (message.type === 'error' ? [message.detail] : []));
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

it('sends the tail, then new lines, then the end', async () => {
  await using task = await startLoggingTask();
  const { hub, id } = task;
  await task.write(700, { entryLines: 7 });
  using client = await openTaskClient(hub.url, { version: 2 });
  client.send({ type: 'follow', taskId: id });
  await until('the tail', () => logsOf(client, id).length > 0);
  expect(logsOf(client, id)[0]).toMatchObject({ droppedLines: 200, end: false });
  expect(linesOf(client, id)).toEqual(range(201, 700));
  await task.write(3);
  await until('what comes', () => linesOf(client, id).at(-1) === 703);
  expect(hub.stream.counts.followedLogs).toBe(1);
  await task.write(2);
  await hub.bus.change(id, { status: 'completed' });
  await until('the end', () => logsOf(client, id).at(-1)?.end);
  expect(linesOf(client, id)).toEqual(range(201, 705));
  expect(hub.stream.counts.followedLogs).toBe(0);
  expect(logsOf(client, id).filter(({ end }) => end)).toHaveLength(1);
});

it('answers for a log without lines, and for a task that has ended long ago', async () => {
  await using task = await startLoggingTask();
  const { hub, id } = task;
  using client = await openTaskClient(hub.url, { version: 2 });
  client.send({ type: 'follow', taskId: id });
  await until('an answer', () => logsOf(client, id).length === 1);
  expect(logsOf(client, id)[0]).toMatchObject({ lines: [], droppedLines: 0, end: false });
  client.send({ type: 'unfollow', taskId: id });
  await until('nothing followed', () => hub.stream.counts.followedLogs === 0);
  await task.write(5);
  await hub.bus.change(id, { status: 'completed' });
  await until('the end on the board', () => hub.board.get(id)?.status === 'completed');
  client.send({ type: 'follow', taskId: id });
  await until('the end', () => logsOf(client, id).at(-1)?.end);
  expect(linesOf(client, id)).toEqual(range(1, 5));
});

it('goes on after a line, page by page, and reports lost lines', async () => {
  await using task = await startLoggingTask();
  const { hub, id } = task;
  await task.write(10);
  task.drop(90);
  await task.write(1800, { entryLines: 3 });
  using client = await openTaskClient(hub.url, { version: 2 });
  client.send({ type: 'follow', taskId: id, afterLine: 5 });
  await until('all', () => linesOf(client, id).at(-1) === 1900);
  expect(linesOf(client, id)).toEqual([...range(6, 10), ...range(101, 1900)]);
  client.send({ type: 'follow', taskId: id, afterLine: 20 });
  await until('all again', () => linesOf(client, id).length === 1805 + 1800);
  expect(logsOf(client, id).find(({ droppedLines }) => droppedLines > 0)).toMatchObject({
    droppedLines: 80,
    lines: expect.arrayContaining([{ line: 101, stream: 'stdout', text: '101' }]),
  });
});

it('serves all followers of one log with one read, wherever they started', async () => {
  let reads = 0;
  await using task = await startLoggingTask((bus) => ({
    ...bus,
    readLogs: (from, max) => {
      reads++;
      return bus.readLogs(from, max);
    },
  }));
  const { hub, id } = task;
  await task.write(100);
  using first = await openTaskClient(hub.url, { version: 2 });
  using second = await openTaskClient(hub.url, { version: 2 });
  first.send({ type: 'follow', taskId: id });
  await until('the tail', () => linesOf(first, id).length === 100);
  await task.write(50);
  second.send({ type: 'follow', taskId: id, afterLine: 90 });
  await until('both', () => linesOf(first, id).at(-1) === 150 && linesOf(second, id).at(-1) === 150);
  for (let round = 0; round < 3; round++) {
    const readsBefore = reads;
    const last = await task.write(20);
    await until('both', () => linesOf(first, id).at(-1) === last && linesOf(second, id).at(-1) === last);
    expect(reads - readsBefore).toBeLessThanOrEqual(3);
  }
  expect(linesOf(first, id)).toEqual(range(1, 210));
  expect(linesOf(second, id)).toEqual(range(91, 210));
  first.send({ type: 'unfollow', taskId: id });
  second[Symbol.dispose]();
  await until('nobody', () => hub.stream.counts.followedLogs === 0);
  const readsBefore = reads;
  const polls = hub.stream.counts.eventsWritten;
  await hub.bus.change(id, { message: 'still running' });
  await until('an event', () => hub.stream.counts.eventsWritten > polls);
  expect(reads).toBe(readsBefore);
});

it('holds back only the log of a client that does not read', async () => {
  await using task = await startLoggingTask();
  const { hub, id } = task;
  using stuck = await openTaskClient(hub.url, { version: 2, perMessageDeflate: false });
  using reader = await openTaskClient(hub.url, { version: 2 });
  for (const client of [stuck, reader]) client.send({ type: 'follow', taskId: id });
  await until('both answered', () => logsOf(stuck, id).length + logsOf(reader, id).length === 2);
  stuck.socket.pause();
  let last = 0;
  // 12 MB: more than the kernel takes for a stuck connection on loopback.
  for (let round = 0; round < 12; round++) {
    last = await task.write(500, { text: 'x'.repeat(2000) });
    await until('the reader', () => linesOf(reader, id).at(-1) === last);
  }
  expect(linesOf(reader, id)).toEqual(range(1, last));
  expect(hub.stream.counts.closedTooSlow).toBe(0);
  stuck.socket.resume();
  await until('the other one', () => linesOf(stuck, id).at(-1) === last);
  const dropped = logsOf(stuck, id).reduce((sum, { droppedLines }) => sum + droppedLines, 0);
  // Dropped by the log itself meanwhile: nothing waited in this process.
  expect(dropped).toBeGreaterThan(0);
  expect(linesOf(stuck, id).length + dropped).toBe(last);
  expect(linesOf(stuck, id)).toEqual([...new Set(linesOf(stuck, id))].sort((a, b) => a - b));
  last = await task.write(1);
  await until('both again', () => [stuck, reader].every((client) => linesOf(client, id).at(-1) === last));
});

it('lets a late follower catch up before it joins the others', async () => {
  let gate: Promise<unknown> | null = null;
  await using task = await startLoggingTask((bus) => ({
    ...bus,
    readLog: async (id, from, max) => {
      const page = await bus.readLog(id, from, max);
      await gate;
      return page;
    },
  }));
  const { hub, id } = task;
  await task.write(10);
  using first = await openTaskClient(hub.url, { version: 2 });
  using second = await openTaskClient(hub.url, { version: 2 });
  first.send({ type: 'follow', taskId: id });
  await until('the tail', () => linesOf(first, id).length === 10);
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  second.send({ type: 'follow', taskId: id, afterLine: 0 });
  await until('both', () => hub.stream.counts.followedLogs === 2);
  await task.write(10);
  await until('what comes', () => linesOf(first, id).length === 20);
  opened.resolve();
  await task.write(10);
  await until('both', () => linesOf(first, id).length === 30 && linesOf(second, id).at(-1) === 30);
  expect(linesOf(second, id)).toEqual(range(1, 30));
});

it('refuses an unknown task and the 21st', async () => {
  await using task = await startLoggingTask();
  const { hub } = task;
  using client = await openTaskClient(hub.url, { version: 2 });
  const unknown = newTaskId();
  client.send({ type: 'follow', taskId: unknown });
  await until('an error', () => errorsOf(client).length === 1);
  expect(errorsOf(client)[0]).toContain(unknown);
  const ids = await Promise.all(Array.from({ length: 21 }, () => createExternal(hub.bus)));
  await until('all on the board', () => hub.board.get(ids.at(-1)!));
  for (const taskId of ids) client.send({ type: 'follow', taskId });
  await until('the second error', () => errorsOf(client).length === 2);
  expect(errorsOf(client)[1]).toContain(ids.at(-1));
  expect(hub.stream.counts.followedLogs).toBe(20);
  client.send({ type: 'unfollow', taskId: ids[0] });
  client.send({ type: 'follow', taskId: ids.at(-1) });
  await until('an answer for it', () => logsOf(client, ids.at(-1)!).length === 1);
});

it('continues when the bus is connected again', async () => {
  let isAway = false;
  await using task = await startLoggingTask((bus) => {
    const orAway =
      <A extends unknown[], R>(read: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        if (isAway) throw new Error('away');
        return read(...args);
      };
    return {
      ...bus,
      readLogTail: orAway(bus.readLogTail),
      readLog: orAway(bus.readLog),
      readLogs: orAway(bus.readLogs),
    };
  });
  const { hub, id } = task;
  await task.write(3);
  using client = await openTaskClient(hub.url, { version: 2 });
  using late = await openTaskClient(hub.url, { version: 2 });
  client.send({ type: 'follow', taskId: id });
  await until('the tail', () => linesOf(client, id).length === 3);
  isAway = true;
  late.send({ type: 'follow', taskId: id });
  await until('both followed', () => hub.stream.counts.followedLogs === 2);
  await task.write(3);
  isAway = false;
  await until('both', () => linesOf(client, id).length === 6 && linesOf(late, id).length === 6);
});
