import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import type { Missed } from '@booner/history';
import { Backlog } from '@booner/history/backlog';
import { hostIdSchema, NOTHING_MEASURED } from '@booner/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Fleet } from '../fleet/fleet.ts';
import { fleetListener } from '../fleet/watch-fleet.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { fillGaps } from './fill-gaps.ts';
import { Gaps } from './gaps.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const HOUR_MS = 3_600_000;
/** The host was cut off in this hour; the clock shows its end. */
const CUT_MS = Date.UTC(2026, 0, 1);
const HEALED_MS = CUT_MS + HOUR_MS;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: HEALED_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

type FilledOptions = {
  /** Time by which the host's clock is ahead. */
  readonly aheadMs?: number;
  /** Time for which the network held the first sample back. */
  readonly heldMs?: number;
  /** Requests that Redis does not take. */
  readonly failures?: number;
};

/**
 * Runs a hub for two minutes after an hour in which it received nothing from a host.
 * @returns what it adds to its history first: minutes by its clock, and their shift to that
 */
async function filledAfter({ aheadMs = 0, heldMs = 0, failures = 0 }: FilledOptions) {
  const clock = () => Date.now() + aheadMs;
  const backlog = new Backlog();
  for (let atMs = CUT_MS - HOUR_MS / 2; atMs < HEALED_MS; atMs += 3000)
    backlog.add(atMs + aheadMs, 3000, NOTHING_MEASURED);

  const fleet = new Fleet({
    intervalMs: 3000,
    now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
  });
  const gaps = new Gaps();
  let sequence = 0;
  const receive = (sampledAtMs: number) => {
    sequence += 1;
    const sample = { type: 'sample', host: HOST, instance: 'a', sequence, sampledAtMs } as const;
    fleet.onSample({ ...NOTHING_MEASURED, ...sample, intervalMs: 3000, inventoryTakenAtMs: null }, '{}');
    gaps.note(HOST, Date.now(), 3000);
  };

  const memory = createMemoryBus();
  const { log } = recordingLog();
  await using bus = memory.startFleet(
    fleetListener({ fleet, observer: { onMeasured: () => {} }, onFlood: () => {}, log }),
  );
  await using publisher = memory.startPublisher(HOST);
  const answer = async () => {
    const request = await publisher.readBackfillRequest();
    if (request === null) return;
    const minutes = backlog.minutes(request.fromMs, request.toMs);
    await publisher.storeBackfill({ id: request.id, ...minutes });
  };

  const filled: Missed[] = [];
  let failed = 0;
  const stop = new AbortController();
  const running = fillGaps(
    {
      gaps,
      store: {
        addMissed: async (_, missed) => filled.push(missed),
        newest: async (hosts) => hosts.map(() => CUT_MS),
        stats: async () => ({ oldestMs: { raw: 0 } }) as never,
        importBlocks: async () => {},
      },
      peers: [],
      token: null,
      bus: {
        connection: () => bus.connection(),
        async requestBackfill(host, request) {
          if (failed++ < failures) throw new BusError('disconnected', 'no Redis');
          return bus.requestBackfill(host, request);
        },
        readBackfill: (host, id) => bus.readBackfill(host, id),
      },
      fleet,
      onFilled: () => {},
      log,
    },
    { signal: stop.signal },
  );
  for (let atMs = 0; atMs < 120_000; atMs += 1000) {
    if (atMs === 0) receive(clock() - heldMs);
    if (atMs >= 10_000) receive(clock());
    if (atMs >= 10_000) await answer();
    await vi.advanceTimersByTimeAsync(1000);
  }
  stop.abort();
  await vi.advanceTimersByTimeAsync(5000);
  await running;
  const [first] = filled;
  const shiftMs = first?.shiftMs ?? Number.NaN;
  return { shiftMs, times: first?.backfill.minutes.map(({ startMs }) => startMs + shiftMs) };
}

const MISSED_MINUTES = Array.from({ length: 60 }, (_, index) => CUT_MS + index * 60_000);

it('adds what a host that was cut off has kept', async () => {
  const { shiftMs, times } = await filledAfter({});
  expect(shiftMs).toBeCloseTo(0);
  expect(times).toEqual(MISSED_MINUTES);
});

it('asks in the time of a clock that is wrong', async () => {
  const aheadMs = 40 * 60_000;
  expect(await filledAfter({ aheadMs })).toEqual({ shiftMs: -aheadMs, times: MISSED_MINUTES });
});

it('does not take a sample that the network held back for a clock that is slow', async () => {
  const { shiftMs, times } = await filledAfter({ heldMs: HOUR_MS });
  expect(shiftMs).toBeCloseTo(0);
  expect(times).toEqual(expect.arrayContaining(MISSED_MINUTES));
});

it('asks again when the connection was lost meanwhile', async () => {
  const { times } = await filledAfter({ failures: 3 });
  expect(times).toEqual(expect.arrayContaining(MISSED_MINUTES));
});
