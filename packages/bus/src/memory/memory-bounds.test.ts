import { LOG_TTL_MS, newTaskId } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HOST, OTHER_HOST } from '../testing/contract/sample-factory.ts';
import { FIRST_START, makePresence, makeTask } from '../testing/contract/task-factory.ts';
import { createMemoryBus } from './memory-bus.ts';
import { createReportQueue } from './report-queue.ts';
import { createTaskLogs } from './task-logs.ts';

const HOUR_MS = 3_600_000;
const deaf = { onOffer: () => {}, onControl: () => {}, onServing: () => {}, onConnection: () => {} };

describe('what a bus in memory holds is bounded', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('a runner that died is present for 15 s more', async () => {
    const bus = createMemoryBus();
    await using hub = bus.startTasks();
    const runner = bus.startRunner({ host: HOST, instance: FIRST_START, listener: deaf });
    runner.present(makePresence());
    vi.advanceTimersByTime(HOUR_MS);
    expect(await hub.readPresentHosts([HOST])).toEqual(new Set([HOST]));
    await runner[Symbol.asyncDispose]();
    vi.advanceTimersByTime(14_999);
    expect(await hub.readPresentHosts([HOST])).toEqual(new Set([HOST]));
    vi.advanceTimersByTime(1);
    expect(await hub.readPresentHosts([HOST])).toEqual(new Set());
  });

  it('an idempotency key lives for 24 h', async () => {
    await using hub = createMemoryBus().startTasks();
    const idempotency = { key: 'key-1', bodyHash: 'hash-1' };
    await hub.create(makeTask({ idempotency }));
    vi.advanceTimersByTime(24 * HOUR_MS - 1);
    expect(await hub.create(makeTask({ idempotency }))).toMatchObject({ type: 'existing' });
    vi.advanceTimersByTime(1);
    expect(await hub.create(makeTask({ idempotency }))).toMatchObject({ type: 'created' });
  });

  it('an absent runner gets the last 1,000 messages when it connects', async () => {
    const bus = createMemoryBus();
    await using hub = bus.startTasks();
    const ids: string[] = [];
    for (let count = 0; count < 1010; count++) {
      const task = makeTask({ maxQueued: 2000 });
      ids.push(task.id);
      await hub.create(task);
      await hub.cancel(task.id);
    }
    const denied: string[] = [];
    await using runner = bus.startRunner({
      host: HOST,
      instance: FIRST_START,
      listener: { ...deaf, onControl: ({ task }) => void denied.push(task) },
    });
    runner.present(makePresence());
    await eventually(() => denied.at(-1) === ids.at(-1), { what: 'the last denial' });
    expect(denied).toEqual(ids.slice(10));
  });

  it('of reports of one host that no hub applies, those over 1,000 are refused', () => {
    const queue = createReportQueue();
    const claim = { type: 'claim', host: HOST, instance: FIRST_START, task: newTaskId() } as const;
    for (let count = 0; count < 1000; count++) expect(queue.append(HOST, claim)).toBe(true);
    expect(queue.append(HOST, claim)).toBe(false);
    const [first] = queue.next(1);
    expect(queue.append(HOST, claim)).toBe(false);
    expect(queue.append(OTHER_HOST, { ...claim, host: OTHER_HOST })).toBe(true);
    if (first !== undefined) queue.remove(first);
    expect(queue.append(HOST, claim)).toBe(true);
  });

  it('a log lives for 7 days from its last line', () => {
    const logs = createTaskLogs();
    const id = newTaskId();
    const append = (line: number) => logs.append(id, [{ line, stream: 'stdout', text: 'x' }]);
    const count = () => logs.read(id, '0-0' as never).length;
    append(1);
    vi.advanceTimersByTime(LOG_TTL_MS - 1);
    append(2);
    vi.advanceTimersByTime(LOG_TTL_MS - 1);
    expect(count()).toBe(2);
    vi.advanceTimersByTime(1);
    expect(count()).toBe(0);
  });

  it('of logs over 64 Mi characters together the one written to longest ago goes', () => {
    const logs = createTaskLogs();
    const [first, second, third] = [newTaskId(), newTaskId(), newTaskId()];
    const fill = (id: typeof first, entries: number) =>
      logs.append(
        id,
        Array.from({ length: entries }, (_, index) => ({
          line: index + 1,
          stream: 'stdout' as const,
          text: 'x'.repeat(32_768),
        })),
      );
    const count = (id: typeof first) => logs.read(id, '0-0' as never).length;
    fill(first, 1000);
    fill(second, 1000);
    fill(first, 1);
    fill(third, 500);
    expect([first, second, third].map(count)).toEqual([1001, 0, 500]);
  });
});
