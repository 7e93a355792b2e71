import type { SendOutcome } from '@booner/bus';
import { hostIdSchema, type LogEntry, type Report, type RunnerPresence } from '@booner/protocol';
import { newAttemptToken, newTaskId } from '@booner/protocol/task-id';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Journal, openMemoryJournal } from '../journal/journal.ts';
import { DEFAULT_RUN_POLICY } from '../process/run-policy.ts';
import { makeAction } from '../testing/action-factory.ts';
import { grantOf, INSTANCE } from '../testing/simulated-driver.ts';
import { createExecutor } from './executor.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HOST = hostIdSchema.parse('10.0.0.2');
/** Offered by no file: a task of it ends without a process. */
const UNKNOWN = 'unknown';

/** An executor with a bus that records what it sends. */
function executorOf({ journal = openMemoryJournal() }: { journal?: Journal } = {}) {
  const reports: Report[] = [];
  const presences: Omit<RunnerPresence, 'instance'>[] = [];
  const logs: LogEntry[] = [];
  const sending: { outcome: SendOutcome } = { outcome: 'sent' };
  const say = vi.fn();
  const executor = createExecutor({
    host: HOST,
    instance: INSTANCE,
    journal,
    unsealParams: async () => ({ ok: true, params: {} }),
    unsealSecrets: async () => ({ ok: true, secrets: {} }),
    actions: {
      start: () => ({ ended: new Promise(() => {}), end: () => {} }),
      endLeft: async () => 0,
    },
    concurrency: 2,
    presence: { version: '0.1.0', publicKey: { kty: 'OKP', crv: 'X25519', x: 'x' } },
    policy: DEFAULT_RUN_POLICY,
    logger: { info: say, warn: say, error: say },
  });
  const bus = {
    report: async (report: Report) => {
      reports.push(report);
      return sending.outcome;
    },
    appendLog: async (_task: unknown, entries: readonly LogEntry[]) => {
      logs.push(...entries);
      return sending.outcome;
    },
    putArtefactPart: async () => sending.outcome,
    present: (presence: Omit<RunnerPresence, 'instance'>) => void presences.push(presence),
  };
  const { listener } = executor;
  return {
    ...executor,
    bus,
    reports,
    presences,
    sending,
    ofType: <Type extends Report['type']>(type: Type) =>
      reports.filter((report): report is Extract<Report, { type: Type }> => report.type === type),
    offer: () => {
      const task = newTaskId();
      listener.onOffer({ task, action: UNKNOWN, params: {}, sealedParams: null });
      return task;
    },
  };
}

describe('the executor on a bus', () => {
  it('repeats a claim every 5 s until it is answered, but not while another runner serves the host', async () => {
    const executor = executorOf();
    executor.start(executor.bus);
    const task = executor.offer();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(executor.ofType('claim')).toHaveLength(3);
    executor.listener.onServing(false);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(executor.ofType('claim')).toHaveLength(3);
    executor.listener.onServing(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(executor.ofType('claim')).toHaveLength(4);
    executor.listener.onControl({ type: 'deny', task, reason: 'cancelled' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(executor.ofType('claim')).toHaveLength(4);
  });

  it('keeps what the bus delivers before the start, and sends nothing until then', async () => {
    const executor = executorOf();
    executor.onActions(new Map([['probe', makeAction()]]));
    const task = executor.offer();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(executor.reports).toEqual([]);
    executor.start(executor.bus);
    await vi.advanceTimersByTimeAsync(0);
    expect(executor.reports).toEqual([
      { type: 'claim', host: HOST, instance: INSTANCE, task, idempotent: false },
    ]);
    expect(executor.presences).toEqual([
      expect.objectContaining({ running: [], actions: [expect.objectContaining({ name: 'probe' })] }),
    ]);
  });

  it('starts no process when the journal cannot be written, and reports why', async () => {
    await using memory = openMemoryJournal();
    const append = () => Promise.reject(new Error('ENOSPC: no space left on device'));
    const executor = executorOf({ journal: { ...memory, append } });
    executor.start(executor.bus);
    const task = executor.offer();
    executor.listener.onControl(grantOf(task, newAttemptToken()));
    await vi.advanceTimersByTimeAsync(0);
    expect(executor.ofType('end')).toEqual([
      expect.objectContaining({
        task,
        outcome: expect.objectContaining({ error: expect.stringMatching(/journal.*ENOSPC/) }),
      }),
    ]);
  });

  it('reports an end until it is settled, and remembers it', async () => {
    await using journal = openMemoryJournal();
    const executor = executorOf({ journal });
    executor.start(executor.bus);
    const task = executor.offer();
    const attempt = newAttemptToken();
    executor.listener.onControl(grantOf(task, attempt));
    await vi.advanceTimersByTimeAsync(11_000);
    expect(executor.ofType('end').length).toBeGreaterThan(1);
    expect(journal.attempts.unsettled()).toHaveLength(1);
    executor.listener.onControl({ type: 'settled', task, attempt });
    await vi.advanceTimersByTimeAsync(0);
    const before = executor.ofType('end').length;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(executor.ofType('end')).toHaveLength(before);
    expect(journal.attempts.unsettled()).toEqual([]);
    expect(journal.attempts.endOf(task)).toMatchObject({ outcome: { status: 'failed' } });
  });

  it('stops within 3 s of the last end when no hub settles it, and sends nothing afterwards', async () => {
    const executor = executorOf();
    executor.start(executor.bus);
    const task = executor.offer();
    executor.listener.onControl(grantOf(task, newAttemptToken()));
    await vi.advanceTimersByTimeAsync(1000);
    const stopped = vi.fn();
    void executor.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(2900);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(stopped).toHaveBeenCalled();
    const { length } = executor.reports;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(executor.reports).toHaveLength(length);
  });

  it('stops at once when nothing is open', async () => {
    const executor = executorOf();
    executor.start(executor.bus);
    executor.offer();
    await vi.advanceTimersByTimeAsync(0);
    await executor.stop();
    expect(executor.ofType('claim')).toHaveLength(1);
  });
});
