import { BusError, type ReceivedReport, type RunnerBus, type TaskBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { type AttemptToken, type HostId, newTaskId, type TaskId } from '@booner/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { ReportApplier } from './report-applier.ts';

const HOST = '10.0.0.2' as HostId;
const INSTANCE = 'AAAAAAAAAAAA.BBBBBBBBBBBB';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/**
 * Starts a bus with a runner that starts the tasks it is offered and reports the attempts it was
 * granted.
 */
function startWorld() {
  const memory = createMemoryBus();
  const bus = memory.startTasks();
  const granted = new Map<TaskId, AttemptToken>();
  const runner: RunnerBus = memory.startRunner({
    host: HOST,
    instance: INSTANCE,
    listener: {
      onOffer: ({ task }) => void runner.report({ type: 'claim', host: HOST, instance: INSTANCE, task }),
      onControl: (message) => {
        if (message.type === 'grant') granted.set(message.task, message.attempt);
      },
      onServing: () => {},
      onConnection: () => {},
    },
  });
  runner.present({
    version: '0.0.0',
    running: [],
    actions: [],
    publicKey: { kty: 'OKP', crv: 'X25519', x: '' },
  });
  return {
    memory,
    bus,
    runner,
    granted,
    create: async () => {
      const id = newTaskId();
      const offer = { params: {}, sealedParams: null };
      await bus.create({
        id,
        host: HOST,
        action: 'a',
        params: {},
        offer,
        idempotency: null,
        maxQueued: 2000,
      });
      return id;
    },
    about: (task: TaskId) => ({
      host: HOST,
      instance: INSTANCE,
      task,
      attempt: granted.get(task)!,
      logLines: 0,
    }),
  };
}

const COMPLETED = { status: 'completed', result: null, error: null } as const;

/** Runs an applier until the end of a test. */
function run(bus: TaskBus) {
  const { log, lines } = recordingLog();
  const applier = new ReportApplier({ bus, log });
  const stop = new AbortController();
  const done = applier.run({ signal: stop.signal });
  return {
    applier,
    lines,
    stop: async () => {
      stop.abort();
      await vi.advanceTimersByTimeAsync(1000);
      await done;
    },
    /** Resolves as soon as the applier has ended, with the time that took. */
    stopAtOnce: async () => {
      const startMs = performance.now();
      let tookMs: number | null = null;
      stop.abort();
      const ended = done.then(() => {
        tookMs = performance.now() - startMs;
      });
      await vi.advanceTimersByTimeAsync(2000);
      await ended;
      return tookMs;
    },
  };
}

const soon = () => vi.advanceTimersByTimeAsync(50);

describe('applying reports', () => {
  it('carries tasks from claim to end, and counts what came of each report', async () => {
    const { bus, runner, create, about } = startWorld();
    const { applier, stop, lines } = run(bus);
    const ids = await Promise.all([create(), create(), create()]);
    await soon();
    for (const id of ids) {
      await runner.report({ type: 'end', ...about(id), outcome: COMPLETED });
      await runner.report({ type: 'end', ...about(id), outcome: COMPLETED });
    }
    await runner.report({
      type: 'end',
      ...about(ids[0]!),
      attempt: 'x'.repeat(21) as AttemptToken,
      outcome: COMPLETED,
    });
    await soon();
    for (const id of ids) expect(await bus.read(id)).toMatchObject({ status: 'completed' });
    // A hello, 3 claims, 3 ends.
    expect(Object.fromEntries(applier.counts)).toEqual({ applied: 7, repeated: 3, late: 1 });
    expect(lines).toEqual([]);
    await stop();
  });

  it('tries a report that the bus refuses until it is applied, while other tasks go on', async () => {
    const { bus, runner, create, about } = startWorld();
    let isFull = false;
    let blocked: TaskId | null = null;
    const full = new BusError('refused', 'OOM command not allowed');
    const { applier, stop, lines } = run({
      ...bus,
      apply: (received) => {
        const { report } = received;
        const isBlocked = report !== null && report.type !== 'hello' && report.task === blocked;
        return isFull && isBlocked ? Promise.reject(full) : bus.apply(received);
      },
    });
    blocked = await create();
    const other = await create();
    await soon();
    isFull = true;
    await runner.report({
      type: 'progress',
      ...about(blocked),
      counter: 1,
      progressPercent: 50,
      message: null,
    });
    await runner.report({ type: 'end', ...about(blocked), outcome: COMPLETED });
    await runner.report({ type: 'end', ...about(other), outcome: COMPLETED });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await bus.read(other)).toMatchObject({ status: 'completed' });
    expect(await bus.read(blocked)).toMatchObject({ status: 'running', progressPercent: null });
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
    isFull = false;
    await vi.advanceTimersByTimeAsync(5000);
    // In their order: the progress would have been late after the end.
    expect(await bus.read(blocked)).toMatchObject({ status: 'completed', progressPercent: 100 });
    expect(applier.counts.get('late')).toBe(0);
    expect(lines.map(({ message }) => message)).toEqual([
      'reports cannot be applied; they are retried until they can',
      'reports are applied again',
    ]);
    await stop();
  });

  it('logs a refusal once, reads on after it, and applies a report once that was delivered twice', async () => {
    const { bus, create } = startWorld();
    let isRefused = false;
    let again: readonly ReceivedReport[] = [];
    const applied: string[] = [];
    const held = Promise.withResolvers<void>();
    const { stop, lines } = run({
      ...bus,
      nextReports: async (max) => {
        if (isRefused) throw new BusError('refused', 'no permission');
        const redelivered = again;
        again = [];
        return redelivered.length > 0 ? redelivered : bus.nextReports(max);
      },
      apply: async (received) => {
        if (received.report?.type === 'claim') {
          again = [received];
          isRefused = true;
          applied.push(received.cursor);
          await held.promise;
        }
        return bus.apply(received);
      },
    });
    const id = await create();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
    isRefused = false;
    await vi.advanceTimersByTimeAsync(6000);
    held.resolve();
    await soon();
    expect(applied).toHaveLength(1);
    expect(await bus.read(id)).toMatchObject({ status: 'running', attempt: 1 });
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
    await stop();
  });

  it('waits for the bus to be there, and leaves it to others to say that it is not', async () => {
    const { bus, create } = startWorld();
    const connected = Promise.withResolvers<boolean>();
    let reads = 0;
    const { stop, lines } = run({
      ...bus,
      whenConnected: () => connected.promise,
      nextReports: (max) => {
        // The bus may be lost again before the first read.
        return reads++ > 0 ? bus.nextReports(max) : Promise.reject(new BusError('disconnected', 'away'));
      },
    });
    const id = await create();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reads).toBe(0);
    connected.resolve(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(await bus.read(id)).toMatchObject({ status: 'running' });
    expect(lines.map(({ level }) => level)).toEqual(['debug']);
    await stop();
  });

  it('takes over what a hub read and did not apply', async () => {
    const { memory, bus, create } = startWorld();
    const dead = memory.startTasks();
    const id = await create();
    await soon();
    const left = await dead.nextReports(100);
    expect(left.some(({ report }) => report?.type === 'claim')).toBe(true);
    const { stop } = run(bus);
    await vi.advanceTimersByTimeAsync(9000);
    expect(await bus.read(id)).toMatchObject({ status: 'queued' });
    await vi.advanceTimersByTimeAsync(6000);
    expect(await bus.read(id)).toMatchObject({ status: 'running', attempt: 1 });
    await stop();
  });

  it('takes no more from the bus than it can hold', async () => {
    const { bus } = startWorld();
    let reads = 0;
    const { stop } = run({
      ...bus,
      nextReports: async () => {
        reads++;
        const report = (n: number) =>
          ({ cursor: `${reads}-${n}`, report: null, detail: 'none' }) as unknown as ReceivedReport;
        return Array.from({ length: 100 }, (_, n) => report(n));
      },
      apply: () => new Promise(() => {}),
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(reads).toBe(10);
    await stop();
  });

  it('ends at once with the signal, and within a second where the bus does not answer', async () => {
    const idle = run(startWorld().bus);
    await soon();
    expect(await idle.stopAtOnce()).toBe(0);
    const { bus, create } = startWorld();
    const stuck = run({ ...bus, apply: () => new Promise(() => {}) });
    await create();
    await vi.advanceTimersByTimeAsync(6000);
    expect(await stuck.stopAtOnce()).toBe(1000);
    expect((await bus.takeOverReports(0, 10)).length).toBeGreaterThan(0); // for another hub
  });
});
