import { describeHistoryReading } from '@booner/history/testing/reading-contract';
import { seriesHistorySchema } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';
import { type MetricsStore, startPrometheus, startVictoriaMetrics } from '@booner/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStoreHistory, type StoredLabels } from '../testing/open-store-history.ts';

const HOST = '10.0.0.2';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Samples of one test take less. */
const DAYS_PER_TEST = 2;
/** Within what stores keep. */
const FIRST_DAY = -60;

type Range = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
/** What the load of a host was, with the labels that the host had. */
type Load = {
  readonly atMs: number;
  readonly load: number;
  readonly host?: string;
  readonly labels?: StoredLabels;
};

/** Writes loads, and reads them in points of a length. */
async function readLoads(store: MetricsStore, { fromMs, toMs, stepMs }: Range, loads: readonly Load[]) {
  await using bed = await openStoreHistory(store, Date.now);
  for (const { atMs, load, host = HOST, labels } of loads) {
    const loadAverage = { last1Minute: load, last5Minutes: load, last15Minutes: load };
    const measurements = { ...NOTHING_MEASURED, loadAverage };
    bed.history.append({ host, atMs, intervalMs: 1000, measurements }, labels);
  }
  await bed.settle();
  const points = Math.ceil((toMs - fromMs) / stepMs);
  const metrics = ['load1Minute'] as const;
  const read = async (host: string) => {
    const bytes = await bed.history.query({ host, shownAs: null, fromMs, toMs, points, metrics });
    const { timesMs, series } = seriesHistorySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { timesMs, series };
  };
  const hours = { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.ceil(toMs / HOUR_MS) * HOUR_MS };
  return { read, ranked: await bed.history.rank({ metric: 'load1Minute', ...hours }) };
}

describe.each([
  ['VictoriaMetrics', startVictoriaMetrics],
  ['Prometheus', startPrometheus],
] as const)('%s', (name, start) => {
  let store: MetricsStore;
  let day = Math.floor(Date.now() / DAY_MS) + FIRST_DAY;
  /** Prometheus takes nothing that is more than an hour older than its newest sample. */
  const nextStartMs = () => {
    day += DAYS_PER_TEST;
    return day * DAY_MS;
  };
  beforeAll(async () => {
    store = await start();
    return () => store[Symbol.asyncDispose]();
  });

  describeHistoryReading(`a history in ${name}`, {
    open: (clock) => {
      clock.nowMs = nextStartMs();
      return openStoreHistory(store, () => clock.nowMs);
    },
    tier: 'store',
  });

  it('joins the series of a host whose labels changed', async () => {
    const startMs = nextStartMs();
    const loads = Array.from({ length: 60 }, (_, second) => ({
      atMs: startMs + 1000 * second,
      load: second < 20 ? 2 : 8,
      labels: { role: second < 20 ? 'web' : 'db' },
    }));
    const { read, ranked } = await readLoads(
      store,
      { fromMs: startMs, toMs: startMs + MINUTE_MS, stepMs: MINUTE_MS },
      loads,
    );
    expect((await read(HOST)).series).toEqual([
      { metric: 'load1Minute', device: null, avg: [6], min: [2], max: [8] },
    ]);
    expect(ranked).toEqual([{ host: HOST, avg: 6, max: 8, samples: 60 }]);
  });

  it('reads the last samples at once, and shows a silence of the last seconds', async () => {
    const nowMs = Date.now();
    const fromMs = nowMs - MINUTE_MS;
    const silentMs = nowMs - 28_000;
    const loads = Array.from({ length: 60 }, (_, second) => ({ atMs: fromMs + 1000 * second, load: second }));
    const { read, ranked } = await readLoads(
      store,
      { fromMs, toMs: nowMs, stepMs: 10_000 },
      loads.flatMap((one) => (one.atMs < silentMs ? [one, { ...one, host: '10.0.0.3' }] : [one])),
    );
    const live = await read(HOST);
    expect(live.series[0]?.max.at(-1)).toBe(59);
    const silent = await read('10.0.0.3');
    const lastMs = silent.timesMs[silent.series[0]?.avg.findLastIndex((avg) => avg !== null) ?? 0];
    expect(lastMs).toBeLessThan(silentMs);
    expect(ranked.find(({ host }) => host === HOST)).toMatchObject({ max: 59, samples: 60 });
  });
});
