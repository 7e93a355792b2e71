import type { SendOutcome } from '@booner/bus';
import type { LogEntry } from '@booner/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLogWriter } from './log-writer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function writerOf() {
  const batches: LogEntry[][] = [];
  const bus: { outcome: SendOutcome; takesMs: number } = { outcome: 'sent', takesMs: 0 };
  const writer = startLogWriter(async (entries) => {
    const { outcome } = bus;
    if (bus.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, bus.takesMs));
    if (outcome === 'sent') batches.push([...entries]);
    return outcome;
  });
  return { writer, batches, bus };
}

describe('the log writer', () => {
  it('sends the lines of 100 ms together', async () => {
    const { writer, batches } = writerOf();
    writer.add('stdout', 'one');
    await vi.advanceTimersByTimeAsync(50);
    writer.add('stdout', 'two');
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(batches).toEqual([[{ line: 1, stream: 'stdout', text: 'one\ntwo' }]]);
  });

  it('does not wait when an entry is full', async () => {
    const { writer, batches } = writerOf();
    for (let index = 0; index < 3; index += 1) writer.add('stdout', 'x'.repeat(4000));
    await vi.advanceTimersByTimeAsync(0);
    expect(batches.flat().length).toBe(2);
  });

  it('keeps unsent lines in order until the bus is connected again', async () => {
    const { writer, batches, bus } = writerOf();
    bus.outcome = 'unsent';
    writer.add('stdout', 'one');
    await vi.advanceTimersByTimeAsync(5000);
    writer.add('stderr', 'two');
    bus.outcome = 'sent';
    writer.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(batches.flat()).toEqual([
      { line: 1, stream: 'stdout', text: 'one' },
      { line: 2, stream: 'stderr', text: 'two' },
    ]);
  });

  it('flushes at once, and stops waiting but not sending at the deadline', async () => {
    const { writer, batches, bus } = writerOf();
    writer.add('stdout', 'one');
    await writer.flush(2000);
    expect(batches.length).toBe(1);
    await writer.flush(2000);
    bus.outcome = 'unsent';
    writer.add('stdout', 'two');
    const startMs = performance.now();
    const flushed = writer.flush(2000);
    await vi.advanceTimersByTimeAsync(2000);
    await flushed;
    expect(performance.now() - startMs).toBe(2000);
    bus.outcome = 'sent';
    await vi.advanceTimersByTimeAsync(1000);
    expect(batches.length).toBe(2);
  });

  it('waits in a flush for the sending in flight', async () => {
    const { writer, batches, bus } = writerOf();
    bus.takesMs = 300;
    writer.add('stdout', 'one');
    await vi.advanceTimersByTimeAsync(200);
    const flushed = writer.flush(2000);
    expect(batches.length).toBe(0);
    await vi.advanceTimersByTimeAsync(300);
    await flushed;
    expect(batches.length).toBe(1);
  });

  it('sends nothing more when it is stopped', async () => {
    const { writer, batches } = writerOf();
    writer.add('stdout', 'one');
    writer.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(batches).toEqual([]);
  });
});
