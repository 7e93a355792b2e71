import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyRankingSchema, seriesHistorySchema } from '@booner/protocol';
import { HISTORY_METRIC_NAMES, METRIC_GROUPS } from '@booner/protocol/history-metrics';
import {
  eventually,
  type HubProcess,
  type MetricsStore,
  type StoredSeries,
  startHub,
  startPrometheus,
  startRedis,
  startSimulatedFleet,
  startVictoriaMetrics,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { hubMetric } from './hub-gauges.ts';

const DASHBOARD = join(import.meta.dirname, '../../deploy/grafana/booner.json');
const INTERVAL_MS = 1000;
/** The time within which another hub goes on, the interval of samples, and a busy machine. */
const LONGEST_HOLE_MS = 8000 + INTERVAL_MS + 6000;

/** Compares the history that a hub reads from a store with what its metrics must be. */
async function expectHistory(hub: HubProcess, host: string): Promise<true> {
  const read = async (query: string) => seriesHistorySchema.parse(await (await hub.get(query)).json());
  const history = await read(`/targets/${host}/history?range=10m&points=60&metrics=${METRIC_GROUPS.join()}`);
  expect(history).toMatchObject({ host, tier: 'store', stepMs: 10_000 });
  const known = new Map(history.series.map(({ metric, device, avg }) => [`${metric} ${device ?? ''}`, avg]));
  for (const [name, expected] of [
    ['memoryTotalBytes ', 8 * 2 ** 30],
    ['fileSystemTotalBytes /srv/data', 64 * 2 ** 30],
    ['swapUsedBytes ', 12_582_912],
  ] as const) {
    expect([
      name,
      known
        .get(name)
        ?.filter((value) => value !== null)
        .at(-1),
    ]).toEqual([name, expected]);
  }
  for (const { avg, min, max } of history.series) {
    for (const [row, value] of avg.entries()) {
      if (value === null) continue;
      expect(min[row]).toBeLessThanOrEqual(value);
      expect(max[row]).toBeGreaterThanOrEqual(value);
    }
  }
  const missing = HISTORY_METRIC_NAMES.filter(
    (name) => !history.series.some(({ metric }) => metric === name),
  );
  expect(missing.filter((name) => !NOT_SIMULATED.test(name))).toEqual([]);
  const ranking = historyRankingSchema.parse(await (await hub.get('/history?metric=cpu&range=1h')).json());
  expect(ranking.targets.map((target) => target.host)).toContain(host);
  return true;
}

const hubOf = (redisUrl: string, store: MetricsStore) =>
  startHub({
    redisUrl,
    env: {
      BOONER_INTERVAL_MS: `${INTERVAL_MS}`,
      BOONER_REMOTE_WRITE_URL: store.writeUrl,
      BOONER_HISTORY_QUERY_URL: store.url, // it keeps no history of its own
    },
  });

/** The samples of a simulated host count up in its uptime, so a lost one leaves a hole. */
const uptimes = (store: MetricsStore) => store.samples('booner_uptime_seconds');
const isComplete = ({ samples }: StoredSeries) =>
  samples.every(({ value }, index) => index === 0 || value - (samples[index - 1]?.value ?? 0) === 1);
const last = (series: StoredSeries | undefined) => series?.samples.at(-1)?.value ?? 0;

const refused = (hub: Parameters<typeof hubMetric>[0]) =>
  hubMetric(hub, 'booner_hub_remote_write_dropped_samples_total{reason="refused"}');

/** Parts that simulated hosts lack. */
const NOT_SIMULATED = /^(cgroup|gpu)/;

describe.concurrent('remote write', () => {
  it('fills VictoriaMetrics, also after an outage of it and a crash of the hub, and the dashboard for Grafana', async () => {
    await using redis = await startRedis();
    await using store = await startVictoriaMetrics();
    await using fleet = await startSimulatedFleet({
      redisUrl: redis.url,
      count: 3,
      intervalMs: INTERVAL_MS,
      shape: () => ({ hasGpu: true }),
    });
    await using hub = await hubOf(redis.url, store);
    const [first, silent] = fleet.hosts;
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
    await eventually(
      async () =>
        (await hub.get(`/targets/${first}`, { ...change, body: '{"labels":{"role":"db"}}' })).status === 200,
      { what: 'the label' },
    );
    await eventually(() => store.countNow(`booner_up{job="booner",instance="${first}",role="db"}`), {
      what: 'a sample with the label',
    });

    await store.stop();
    await eventually(
      async () => (await hubMetric(hub, 'booner_hub_remote_write_failed_requests_total')) > 0,
      { what: 'a failed request' },
    );
    const before = await hubMetric(hub, 'booner_hub_remote_write_queue_bytes');
    await eventually(async () => (await hubMetric(hub, 'booner_hub_remote_write_queue_bytes')) > before, {
      what: 'samples that wait',
    });
    await hub.kill('SIGKILL');
    const diedAtMs = Date.now();
    await hub.restart();
    await store.restart();
    /** Those of the hosts whose labels did not change. */
    const others = async () => (await uptimes(store)).filter(({ labels }) => labels.instance !== first);
    const isNew = ({ samples }: StoredSeries) => (samples.at(-1)?.atMs ?? 0) > diedAtMs + 2000;
    await eventually(async () => (await others()).filter(isNew).length === 2, { what: 'new samples' });
    for (const { samples } of await others()) {
      const holes = samples.filter(
        ({ value }, index) => index > 0 && value - (samples[index - 1]?.value ?? 0) !== 1,
      );
      // While the hub was down, nobody received samples.
      expect(holes.length).toBeLessThanOrEqual(1);
      for (const { atMs } of holes) expect(atMs).toBeGreaterThan(diedAtMs);
    }

    await eventually(() => expectHistory(hub, fleet.hosts[1]!), { what: 'history in the store' });
    const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8'));
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const found = await store.countInRange(expr.replaceAll('$instance', '.*'));
        expect([title, found > 0]).toEqual([title, true]);
      }
    }

    fleet.silence(silent!);
    await eventually(async () => (await store.countNow('booner_up')) === 2, { what: 'the end of a series' });
    expect(await store.countInRange('node_load1')).toBeGreaterThanOrEqual(3);
  });

  it('sends each host from one hub to Prometheus, which refuses nothing when hubs come and die', async () => {
    await using redis = await startRedis();
    await using store = await startPrometheus();
    await using fleet = await startSimulatedFleet({
      redisUrl: redis.url,
      count: 20,
      intervalMs: INTERVAL_MS,
    });
    await using first = await hubOf(redis.url, store);
    await eventually(async () => (await uptimes(store)).length === fleet.hosts.length, { what: 'all hosts' });
    await eventually(() => expectHistory(first, fleet.hosts[0]!), { what: 'history in the store' });
    await using second = await hubOf(redis.url, store);
    const leases = (hub: typeof first) => hubMetric(hub, 'booner_hub_leases');
    await eventually(async () => (await leases(first)) === 32 && (await leases(second)) === 32, {
      what: 'hubs that share the hosts',
    });
    await eventually(
      async () => (await hubMetric(second, 'booner_hub_remote_write_sent_samples_total')) > 0,
      {
        what: 'samples of the second hub',
      },
    );
    expect([await refused(first), await refused(second)]).toEqual([0, 0]);

    await first.kill('SIGKILL');
    await eventually(async () => (await leases(second)) === 64, { what: 'one hub for all hosts' });
    const atDeath = new Map((await uptimes(store)).map((series) => [series.labels.instance, last(series)]));
    await eventually(
      async () =>
        (await uptimes(store)).every(
          (series) => last(series) > (atDeath.get(series.labels.instance) ?? 0) + 2,
        ),
      { what: 'new samples of all hosts' },
    );
    const all = await uptimes(store);
    expect(all).toHaveLength(fleet.hosts.length);
    for (const { samples } of all) {
      const holes = samples.map(({ atMs }, index) => atMs - (samples[index - 1]?.atMs ?? atMs));
      expect(Math.max(...holes)).toBeLessThan(LONGEST_HOLE_MS);
    }
    expect(all.some((series) => !isComplete(series))).toBe(true); // those of the hub that died
    expect(await refused(second)).toBe(0);
    expect(store.process().lines.stderr.filter((line) => /out of order|duplicate/i.test(line))).toEqual([]);
  });
});
