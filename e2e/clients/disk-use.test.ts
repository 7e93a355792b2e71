import type { StatusSnapshot, TargetSummary } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub } from '@booner/testkit';
import { expect, it } from 'vitest';
import { boonerFor } from '../cli/booner.ts';
import { askDf } from './ask-df.ts';

/**
 * `df` rounds up where others round to the nearest, and the disk is written to while the test runs.
 */
const POINTS = 1.5;
const GIB = 2 ** 30;

it('reports the same disk usage as `df`, everywhere', async () => {
  await using hub = await startHub();
  using client = await openStatusClient(hub.url, { version: 1 });
  const target = await eventually(async () => (await snapshotOf(hub)).targets.find(isMeasured), {
    what: "this machine's own agent",
  });
  const { mainServer } = await snapshotOf(hub);
  const root = mainServer.measurements?.fileSystems?.find(({ mountPoint }) => mountPoint === '/');
  const status = (await (await hub.get('/system/status')).json()) as { main_server: { disk: string } };
  const metrics = await (await hub.get('/metrics')).text();
  const gauge = (name: string) =>
    Number(new RegExp(`^booner_target_disk_${name}\\{host="[^"]+"\\} (\\S+)$`, 'm').exec(metrics)?.[1]);
  await using booner = await boonerFor(hub.url);
  const table = (await booner.run(['status'])).stdout;
  const details = (await booner.run(['targets', target.host])).stdout;
  const df = await askDf();

  const percents = {
    'GET /system/status': percentIn(status.main_server.disk, /\((\d+)% used\)$/),
    'the stream of version 1': percentIn(client.latest()?.main_server.disk, /\((\d+)% used\)$/),
    'the summary of version 2': 100 * (target.diskUsageRatio ?? Number.NaN),
    Prometheus: 100 * gauge('usage_ratio'),
    'the main server of `booner status`': percentIn(table, /^CPU .* Disk \S+ (\d+) %/m),
    'the table of `booner status`': percentIn(table, /active.*? \d+ % +\d+ % +(\d+) %/),
    '`booner targets HOST`': percentIn(details, /^disk \/ +(\d+) %,/m),
  };
  for (const [what, percent] of Object.entries(percents)) {
    expect(Math.abs(percent - df.percent), `${what}: ${percent} %, df: ${df.percent} %`).toBeLessThan(POINTS);
  }

  expect(status.main_server.disk).toMatch(new RegExp(`^${(df.size / GIB).toFixed(2)} GB `));
  expect([root?.totalBytes, target.diskTotalBytes, gauge('total_bytes')]).toEqual(Array(3).fill(df.size));
  const near = (bytes: number | null | undefined, wanted: number) =>
    expect(Math.abs((bytes ?? Number.NaN) - wanted)).toBeLessThan(df.size * 0.01);
  for (const bytes of [root?.usedBytes, target.diskUsedBytes, gauge('used_bytes')]) near(bytes, df.used);
  for (const bytes of [root?.availableBytes, target.diskAvailableBytes, gauge('available_bytes')])
    near(bytes, df.available);
  expect(gauge('free_bytes')).toBe(df.size - gauge('used_bytes'));
});

const snapshotOf = async (hub: HubProcess): Promise<StatusSnapshot & { targets: TargetSummary[] }> =>
  (await hub.get('/system/status?version=2')).json() as never;

const isMeasured = ({ status, diskUsedBytes }: TargetSummary) =>
  status === 'active' && diskUsedBytes !== null;

const percentIn = (text: string | undefined, pattern: RegExp): number =>
  Number(pattern.exec(text ?? '')?.[1] ?? Number.NaN);
