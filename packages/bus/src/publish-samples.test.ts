import {
  type BackfillRequest,
  type HostId,
  hostIdSchema,
  NOTHING_MEASURED,
  type Sample,
  sampleSchema,
} from '@booner/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PublishOutcome, SamplePublisher } from './ports.ts';
import { phaseMsOf, publishSamples } from './publish-samples.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const START_MS = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'], now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

type Situation = {
  host?: HostId;
  intervalMs?: number;
  forMs: number;
  outcome?: (sequence: number) => PublishOutcome | Promise<PublishOutcome>;
  /** Time until the publisher is connected; 0: from the start. */
  connectedAfterMs?: number;
  sampleMs?: number;
  /** Throws if the sample of this number cannot be taken. */
  sense?: (number: number) => void;
  describedAfterMs?: number;
  /** What a hub asks for. */
  request?: BackfillRequest;
};

const minuteAt = (startMs: number) => ({ startMs, layout: 0, data: '' });

/**
 * Runs the loop for a while of fake time, aborts it, and returns what reached the publisher and the
 * log.
 */
async function publishedDuring(situation: Situation) {
  const { host = HOST, intervalMs = 3000, forMs, outcome = () => 'published', sampleMs = 0 } = situation;
  const { sense = () => {} } = situation;
  let taken = 0;
  const { describedAfterMs } = situation;
  const { connectedAfterMs = 0 } = situation;
  const startMs = Date.now();
  const samples: { atMs: number; sample: Sample }[] = [];
  const byes: string[] = [];
  const log: string[] = [];
  const note = (fields: unknown, message?: string) =>
    void log.push(message === undefined ? String(fields) : `${message} ${JSON.stringify(fields)}`);
  const { request = null } = situation;
  const backfills: unknown[] = [];
  const kept: number[] = [];
  const publisher: SamplePublisher = {
    connection: () => ({ state: 'connecting', sinceMs: START_MS }),
    whenConnected: async () => {
      if (connectedAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, connectedAfterMs));
      return true;
    },
    publish: async (sample) => {
      samples.push({ atMs: Date.now() - startMs, sample });
      return outcome(sample.sequence);
    },
    describe: () => undefined,
    readBackfillRequest: async () => request,
    storeBackfill: async (answer) => void backfills.push([answer?.id, answer?.minutes.length]),
    bye: async (instance) => void byes.push(instance),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const sampler = {
    sample: async () => {
      await new Promise((resolve) => setTimeout(resolve, sampleMs));
      sense(++taken);
      return NOTHING_MEASURED;
    },
  };
  const stop = new AbortController();
  let ended = false;
  const running = publishSamples(
    {
      host,
      instance: 'instance-1',
      intervalMs,
      sampler,
      publisher,
      inventoryTakenAtMs: () => 7,
      backlog: {
        add: (atMs) => void kept.push(atMs),
        minutes: (fromMs, toMs) => ({
          layouts: [[]],
          minutes: kept.filter((atMs) => atMs >= fromMs && atMs < toMs).map(minuteAt),
        }),
      },
      ...(describedAfterMs === undefined
        ? {}
        : { described: new Promise((resolve) => setTimeout(resolve, describedAfterMs)) }),
      logger: { debug: note, info: note, warn: note, error: note } as never,
    },
    { signal: stop.signal },
  ).then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(forMs);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  const endedAtOnce = ended;
  await vi.advanceTimersByTimeAsync(10_000);
  await running;
  return { samples, byes, backfills, kept, log, endedAtOnce, arrivalsMs: samples.map(({ atMs }) => atMs) };
}

describe('publishSamples', () => {
  it('waits for the description of the host, and for 10 s at the most', async () => {
    const { arrivalsMs } = await publishedDuring({ forMs: 10_000, describedAfterMs: 1200 });
    expect(arrivalsMs[0]).toBeGreaterThanOrEqual(1200);
    expect(arrivalsMs[0]).toBeLessThan(1250);
    const { arrivalsMs: undescribed } = await publishedDuring({ forMs: 20_000, describedAfterMs: 60_000 });
    expect(undescribed[0]).toBeGreaterThanOrEqual(10_000);
    expect(undescribed[0]).toBeLessThan(10_050);
  });

  it('publishes at once, then in the slot of the host', async () => {
    const { arrivalsMs } = await publishedDuring({ forMs: 30_000 });
    expect(arrivalsMs[0]).toBe(0);
    expect(arrivalsMs.length).toBeGreaterThanOrEqual(10);
    for (const arrivalMs of arrivalsMs.slice(1)) {
      expect(Math.abs(((START_MS + arrivalMs) % 3000) - phaseMsOf(HOST, 3000))).toBeLessThan(2);
    }
  });

  it('lets 0.5 to 1.5 intervals pass between the first two samples, and one between all others', async () => {
    for (let host = 1; host <= 40; host += 1) {
      const { arrivalsMs } = await publishedDuring({
        host: hostIdSchema.parse(`10.0.0.${host}`),
        forMs: 10_000,
      });
      const gapsMs = arrivalsMs.slice(1).map((atMs, index) => atMs - arrivalsMs[index]!);
      expect(gapsMs[0]).toBeGreaterThanOrEqual(1499);
      expect(gapsMs[0]).toBeLessThanOrEqual(4501);
      for (const gapMs of gapsMs.slice(1)) expect(Math.abs(gapMs - 3000)).toBeLessThan(2);
    }
  });

  it('sends samples that follow the schema, counted from 1, also those that are dropped', async () => {
    const { samples } = await publishedDuring({
      forMs: 12_000,
      outcome: (sequence) => (sequence === 2 ? 'dropped' : 'published'),
    });
    expect(samples.map(({ sample }) => sampleSchema.parse(sample).sequence)).toEqual(
      samples.map((_, index) => index + 1),
    );
    expect(samples[0]?.sample).toMatchObject({
      type: 'sample',
      host: HOST,
      instance: 'instance-1',
      sampledAtMs: START_MS,
      inventoryTakenAtMs: 7,
      intervalMs: 3000,
    });
  });

  it('waits for a connection that is being made before the first sample, but not for a dead one', async () => {
    const soon = await publishedDuring({ forMs: 1000, connectedAfterMs: 300 });
    expect(soon.arrivalsMs[0]).toBeGreaterThanOrEqual(300);
    expect(soon.arrivalsMs[0]).toBeLessThan(400);
    const never = await publishedDuring({ forMs: 5000, connectedAfterMs: 1e9 });
    expect(never.arrivalsMs[0]).toBeGreaterThanOrEqual(2000);
    expect(never.arrivalsMs[0]).toBeLessThan(2100);
  });

  it('says bye once at the end, at once, although a publish hangs', async () => {
    const hanging = new Promise<PublishOutcome>(() => undefined);
    const { byes, endedAtOnce } = await publishedDuring({ forMs: 10_000, outcome: () => hanging });
    expect(byes).toEqual(['instance-1']);
    expect(endedAtOnce).toBe(true);
  });

  it('publishes nothing after the abort', async () => {
    const { samples, byes } = await publishedDuring({ forMs: 100, sampleMs: 500 });
    expect(samples).toEqual([]);
    expect(byes).toEqual(['instance-1']);
  });

  it('logs nothing about an outage, which the log of the connection reports', async () => {
    const { log } = await publishedDuring({
      forMs: 60_000,
      outcome: (sequence) => (sequence >= 3 && sequence <= 9 ? 'dropped' : 'published'),
    });
    expect(log).toEqual(['first sample published']);
  });

  it('goes on after failures and logs each kind once', async () => {
    const { log, samples } = await publishedDuring({
      forMs: 60_000,
      sense: (number) => {
        if (number > 1 && number < 10) throw new Error(number < 5 ? 'no memory' : 'no permission');
      },
    });
    expect(samples.length).toBeGreaterThan(10);
    expect(log).toHaveLength(4);
    expect([log[0], log[3]]).toEqual(['first sample published', 'samples are taken again']);
  });
});

describe('phaseMsOf', () => {
  it('spreads the hosts of a network evenly over the interval', () => {
    const perSlot = new Array<number>(100).fill(0);
    for (let third = 0; third < 40; third += 1) {
      for (let fourth = 1; fourth <= 250; fourth += 1) {
        const phaseMs = phaseMsOf(hostIdSchema.parse(`10.0.${third}.${fourth}`), 3000);
        perSlot[Math.floor((phaseMs / 3000) * 100)]! += 1;
      }
    }
    // 10,000 hosts in 100 slots: 100 each with a standard deviation of 10, if evenly spread.
    expect(Math.min(...perSlot)).toBeGreaterThan(60);
    expect(Math.max(...perSlot)).toBeLessThan(140);
  });

  it('is the same at each start', () => {
    expect(phaseMsOf(HOST, 3000)).toBeCloseTo(phaseMsOf(HOST, 6000) / 2);
    expect(phaseMsOf(HOST, 3000)).toMatchInlineSnapshot(`856.0914953704923`);
  });
});

it('sends what a hub missed once, from the samples that it kept while they could not be published', async () => {
  const { backfills, samples } = await publishedDuring({
    forMs: 95_000,
    outcome: () => 'dropped',
    request: { id: 'a', fromMs: START_MS + 6000, toMs: START_MS + 21_000 },
  });
  expect(samples.length).toBeGreaterThan(30);
  expect(backfills).toEqual([['a', 5]]);
});

it('keeps samples while the network holds one back, and sends none behind it', async () => {
  const { kept, arrivalsMs } = await publishedDuring({
    forMs: 60_000,
    outcome: (sequence) =>
      sequence === 4 ? new Promise((resolve) => setTimeout(resolve, 30_000, 'dropped')) : 'published',
  });
  const pauses = (times: readonly number[]) =>
    times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  expect(Math.max(...pauses(kept))).toBeLessThanOrEqual(4500);
  expect(pauses(arrivalsMs).filter((ms) => ms > 4500)).toEqual([30_000]);
});

it('logs a failure that comes after the loop stopped waiting for it, once an outage', async () => {
  const failLate = () =>
    new Promise<PublishOutcome>((_, reject) => setTimeout(reject, 2000, new Error('a defect')));
  const { log, arrivalsMs } = await publishedDuring({
    forMs: 60_000,
    outcome: (sequence) => (sequence >= 3 && sequence <= 6 ? failLate() : 'published'),
  });
  expect(arrivalsMs.length).toBeGreaterThan(10);
  expect(log).toEqual([
    'first sample published',
    expect.stringMatching(/^samples cannot be published /),
    'samples are published again',
  ]);
});
