import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aborted, sleep } from './abort.ts';
import { createFailureLog, type FailureLog } from './failure-log.ts';
import { type LoopOptions, retry, runLoop } from './run-loop.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function recordFailures() {
  const lines: string[] = [];
  const at = (level: string) => () => void lines.push(level);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, failures: createFailureLog(log, { failing: 'fails', recovered: 'works' }) };
}

type Scene = Partial<LoopOptions> & {
  /** Duration of a run by its number; a negative one fails at once. */
  readonly runMs: (number: number) => number;
};

/** Runs a loop for a while. Returns the times at which runs began, and what was logged. */
async function startsOf({ runMs, ...options }: Scene, forMs: number) {
  const startMs = performance.now();
  const starts: number[] = [];
  const { lines, failures } = recordFailures();
  const stop = new AbortController();
  const run = async () => {
    starts.push(performance.now() - startMs);
    const ms = runMs(starts.length - 1);
    if (ms < 0) throw new Error('the job failed');
    await wait(ms);
  };
  const done = runLoop({ run, failures, ...options }, { signal: stop.signal });
  await vi.advanceTimersByTimeAsync(forMs);
  stop.abort();
  await vi.advanceTimersByTimeAsync(5000);
  await done;
  return { starts, lines };
}

describe('a loop with an interval', () => {
  it('keeps to start + phase + n intervals however long a run takes', async () => {
    const { starts } = await startsOf({ intervalMs: 1000, phaseMs: 250, runMs: (n) => n * 100 }, 4500);
    expect(starts).toEqual([250, 1250, 2250, 3250, 4250]);
  });

  it('skips the ticks that a long run missed', async () => {
    const { starts } = await startsOf({ intervalMs: 1000, runMs: (n) => (n === 1 ? 2300 : 0) }, 6500);
    expect(starts).toEqual([0, 1000, 4000, 5000, 6000]);
  });

  it('ticks with others, if it is aligned, whenever it started', async () => {
    await vi.advanceTimersByTimeAsync(1000 - (performance.now() % 1000) + 300);
    const aligned = { intervalMs: 1000, isAligned: true };
    expect((await startsOf({ ...aligned, runMs: () => 10 }, 2500)).starts).toEqual([0, 700, 1700]);
    await vi.advanceTimersByTimeAsync(1000 - (performance.now() % 1000) + 300);
    const { starts } = await startsOf({ ...aligned, phaseMs: 800, runMs: () => 1200 }, 4500);
    expect(starts).toEqual([800, 2700]);
  });

  it('goes on at the next tick after a failure', async () => {
    const { starts, lines } = await startsOf({ intervalMs: 3000, runMs: (n) => (n === 0 ? -1 : 0) }, 7000);
    expect(starts).toEqual([0, 3000, 6000]);
    expect(lines).toEqual(['error', 'info']);
  });

  it('skips ticks while a job keeps failing, at most 2 s of them, and keeps to the schedule', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    const { starts } = await startsOf({ intervalMs: 100, runMs: (n) => (n < 8 ? -1 : 0) }, 9150);
    expect(starts).toEqual([0, 100, 300, 700, 1500, 3100, 5100, 7100, 9100]);
  });

  it('waits until it is ready before each run', async () => {
    const connected = wait(2500);
    const ready = () => connected.then(() => true);
    const { starts } = await startsOf({ intervalMs: 1000, ready, runMs: () => 0 }, 4500);
    expect(starts).toEqual([2500, 3000, 4000]);
  });
});

describe('a loop without an interval', () => {
  it('begins each run when the one before has ended', async () => {
    const { starts } = await startsOf({ runMs: (n) => (n + 1) * 100 }, 700);
    expect(starts).toEqual([0, 100, 300, 600]);
  });

  it('backs off while the job fails, from 100 ms to 2 s, and starts over once it works', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { starts } = await startsOf({ runMs: (n) => (n === 7 ? 10 : -1) }, 8000);
    const gapsMs = starts.slice(1).map((atMs, index) => atMs - starts[index]!);
    expect(gapsMs).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 10, 100, 200, 400]);
  });

  it('may retry at once: the jitter is full', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { starts } = await startsOf({ runMs: (n) => (n < 5 ? -1 : 4000) }, 1000);
    expect(starts).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('the end of a loop', () => {
  it('comes at once while the loop waits for a tick, for its readiness, or after a failure', async () => {
    const { failures } = recordFailures();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const untilAborted = (signal: AbortSignal) => aborted(signal).then(() => false);
    const fail = () => Promise.reject(new Error('the job failed'));
    for (const options of [{ intervalMs: 60_000 }, { ready: untilAborted }, { run: fail }]) {
      const stop = new AbortController();
      let ended = false;
      const done = runLoop({ run: () => {}, failures, ...options }, { signal: stop.signal });
      void done.then(() => {
        ended = true;
      });
      await vi.advanceTimersByTimeAsync(50);
      expect(ended).toBe(false);
      stop.abort();
      await vi.advanceTimersByTimeAsync(0);
      expect(ended).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('comes without a run if the signal has aborted before', async () => {
    const run = vi.fn();
    await runLoop({ run, failures: null }, { signal: AbortSignal.abort() });
    expect(run).not.toHaveBeenCalled();
  });

  it('comes when it will never be ready again', async () => {
    const run = vi.fn();
    const ready = async () => run.mock.calls.length < 3;
    await runLoop({ run, ready, failures: null }, { signal: new AbortController().signal });
    expect(run).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['a fatal failure', recordFailures().failures, Object.assign(new Error('no'), { failureKind: 'fatal' })],
    ['any failure without a log', null, new Error('no')],
  ])('comes by %s', async (_, failures, error) => {
    const run = vi.fn(() => Promise.reject(error));
    const done = runLoop({ run, failures }, { signal: new AbortController().signal });
    await expect(done).rejects.toBe(error);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('always comes after an abort, and no two runs ever overlap', async () => {
    const scene = fc.record({
      intervalMs: fc.constantFrom(0, 1, 7, 100, 1000),
      phaseMs: fc.nat(500),
      readyMs: fc.array(fc.nat(50), { minLength: 1 }),
      // At least 1 ms a run: a loop without an interval must wait by itself.
      runs: fc.array(fc.record({ ms: fc.integer({ min: 1, max: 400 }), fails: fc.boolean() }), {
        minLength: 1,
      }),
      abortAtMs: fc.nat(5000),
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ intervalMs, phaseMs, readyMs, runs, abortAtMs }) => {
        const { failures } = recordFailures();
        const stop = new AbortController();
        const startMs = performance.now();
        let count = 0;
        let inFlight = 0;
        let lastEndMs = Number.POSITIVE_INFINITY;
        const findings: string[] = [];
        const run = async () => {
          if (++inFlight > 1) findings.push('two runs overlap');
          if (stop.signal.aborted) findings.push('a run began after the abort');
          if (performance.now() < startMs + phaseMs) findings.push('a run began before the phase');
          const { ms, fails } = runs[count++ % runs.length]!;
          await wait(ms);
          inFlight--;
          lastEndMs = performance.now();
          if (fails) throw new Error('the job failed');
        };
        const ready = (signal: AbortSignal) =>
          sleep(readyMs[count % readyMs.length]!, signal).then(() => true);
        let endedAtMs: number | null = null;
        const done = runLoop({ run, intervalMs, phaseMs, ready, failures }, { signal: stop.signal });
        void done.then(() => {
          endedAtMs = performance.now();
        });
        await vi.advanceTimersByTimeAsync(abortAtMs);
        stop.abort();
        const abortedAtMs = performance.now();
        const wasInFlight = inFlight > 0;
        await vi.advanceTimersByTimeAsync(400);
        expect(endedAtMs).toBe(wasInFlight ? lastEndMs : abortedAtMs);
        expect(findings).toEqual([]);
        await vi.advanceTimersByTimeAsync(5000);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a retry', () => {
  const attempt = (outcomes: (string | Error)[], signal: AbortSignal, failures: FailureLog) => {
    const job = vi.fn(async () => {
      const outcome = outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    return { job, result: retry(job, { failures }, { signal }) };
  };

  it('repeats a job until it works', async () => {
    const { failures, lines } = recordFailures();
    const { signal } = new AbortController();
    const { job, result } = attempt([new Error('1'), new Error('2'), 'done'], signal, failures);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toBe('done');
    expect(job).toHaveBeenCalledTimes(3);
    expect(lines).toEqual(['error', 'error', 'info']);
  });

  it('makes one attempt after the abort, and no more', async () => {
    const { failures } = recordFailures();
    const signal = AbortSignal.abort();
    expect(await attempt(['done'], signal, failures).result).toBe('done');
    expect(await attempt([new Error('1'), 'done'], signal, failures).result).toBe('aborted');
  });
});
