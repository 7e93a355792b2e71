import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostId, Measurements } from '@booner/protocol';
import { createSimulatedHost } from '@booner/testkit/simulated-host';
import { describe, expect, it } from 'vitest';
import { decodeBody, decodeSeries, seriesText } from '../testing/decode-write-request.ts';
import { hostLabels } from './host-labels.ts';
import { type EncodedSamples, HostSeries } from './host-series.ts';
import { seriesOfSample } from './series-of-sample.ts';
import { snappyBlock, snappyBody } from './snappy-block.ts';

const HOST = '10.0.0.2' as HostId;
const LABELS = hostLabels(HOST, { role: 'db' });

const fileSystem = (mountPoint: string) => ({
  ...{ mountPoint, device: '/dev/sda1', type: 'ext4', totalBytes: 100, usedBytes: 40, availableBytes: 50 },
  ...{ inodesTotal: null, inodesUsed: null },
});
const load = (last1Minute: number) => ({ last1Minute, last5Minutes: 2, last15Minutes: 3 });

/** What was encoded, by series. */
const decoded = (encoded: EncodedSamples | null) =>
  new Map(
    decodeSeries(encoded?.bytes ?? Buffer.alloc(0)).map((series) => [seriesText(series), series.samples]),
  );
const of = (name: string, labels = '') => `${name}{${labels}instance="10.0.0.2",job="booner",role="db"}`;

describe('the series of a host', () => {
  it('have sorted labels, names of node_exporter, and the time at which the hub received them', () => {
    const sample: Partial<Measurements> = { loadAverage: load(0.5), fileSystems: [fileSystem('/srv')] };
    const encoded = new HostSeries().encode(sample, LABELS, 1_795_000_000_123);
    const atMs = 1_795_000_000_123;
    expect(decoded(encoded)).toEqual(
      new Map([
        [of('booner_up'), [{ value: 1, atMs }]],
        [of('node_load1'), [{ value: 0.5, atMs }]],
        [of('node_load5'), [{ value: 2, atMs }]],
        [of('node_load15'), [{ value: 3, atMs }]],
        ...[
          ['size_bytes', 100],
          ['free_bytes', 60],
          ['avail_bytes', 50],
          ['device_error', 0],
        ].map(
          ([name, value]) =>
            [
              `node_filesystem_${name}{device="/dev/sda1",fstype="ext4",instance="10.0.0.2",job="booner",mountpoint="/srv",role="db"}`,
              [{ value, atMs }],
            ] as const,
        ),
      ] as never),
    );
    for (const { labels } of decodeSeries(encoded.bytes)) {
      const names = labels.map(([name]) => name);
      expect(names).toEqual([...names].sort());
    }
    expect(encoded.samples).toBe(8);
  });

  it('end when a sample no longer has them, when labels change, and when the host ends', () => {
    const series = new HostSeries();
    series.encode({ loadAverage: load(1), fileSystems: [fileSystem('/'), fileSystem('/srv')] }, LABELS, 1000);
    const gone = decoded(
      series.encode({ loadAverage: load(1), fileSystems: [fileSystem('/')] }, LABELS, 4000),
    );
    const stale = [...gone].filter(([, [sample]]) => sample?.value === 'stale');
    expect(stale).toHaveLength(4);
    for (const [name, samples] of stale) {
      expect(name).toContain('mountpoint="/srv"');
      expect(samples).toEqual([{ value: 'stale', atMs: 4000 }]);
    }

    const relabelled = decoded(
      series.encode({ loadAverage: load(2) }, hostLabels(HOST, { role: 'web' }), 7000),
    );
    expect(relabelled.get(of('node_load1'))).toEqual([{ value: 'stale', atMs: 7000 }]);
    expect(relabelled.get(of('node_load1').replace('db', 'web'))).toEqual([{ value: 2, atMs: 7000 }]);

    const ended = decoded(series.end());
    expect(ended.size).toBe(4);
    expect([...ended.values()]).toEqual(Array(4).fill([{ value: 'stale', atMs: 7001 }]));
    expect(series.end()).toBeNull();
  });

  it('never go back in time, whatever the clock does', () => {
    const series = new HostSeries();
    const times = [5000, 8000, 2000, 2000, 9000].map((atMs) => series.encode({}, LABELS, atMs).atMs);
    expect(times).toEqual([5000, 8000, 8001, 8002, 9000]);
  });

  it('have one value each, even of parts that look alike', () => {
    const sensor = { chip: 'nvme', label: 'Composite', temperatureCelsius: 40, criticalCelsius: null };
    const sample = {
      fileSystems: [fileSystem('/'), fileSystem('/')],
      temperatures: [sensor, { ...sensor, temperatureCelsius: 50 }],
    };
    const names = decodeSeries(new HostSeries().encode(sample, LABELS, 1).bytes).map(seriesText);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('sensor="Composite'))).toHaveLength(2);
  });

  it('can be joined after they were compressed', () => {
    const parts = [1, 2, 3].map((index) => {
      const host = `10.0.0.${index}` as HostId;
      return new HostSeries().encode(createSimulatedHost(index, 3000).nextSample(1), hostLabels(host, {}), 1);
    });
    const block = snappyBlock(parts.map(({ bytes }) => snappyBody(bytes)));
    const all = Buffer.concat(parts.map(({ bytes }) => bytes));
    expect(decodeBody(block)).toEqual(decodeSeries(all));
    expect(block.length).toBeLessThan(all.length / 3);
  });
});

describe('the labels of a host', () => {
  it('are those that operators set, under names that Prometheus accepts', () => {
    const operatorLabels = { 'data-center': 'eu', 'a.b': '1', 'a-b': '2', device: 'x', empty: '' };
    expect(hostLabels(HOST, operatorLabels)).toEqual({
      ...{ data_center: 'eu', a_b: '2', label_device: 'x' },
      ...{ instance: HOST, job: 'booner' },
    });
  });
});

it('docs/scale.md lists the names and labels of all series', async () => {
  const file = await readFile(join(import.meta.dirname, '../../../../docs/scale.md'), 'utf8');
  const table = file.slice(file.indexOf('## Names and labels'));
  const documented = new Map<string, string>();
  for (const line of table.split('\n').filter((each) => each.startsWith('| `'))) {
    const [, names = '', labels = ''] = line.split('|');
    for (const [name] of names.matchAll(/\w+/g)) documented.set(name, labels.match(/\w+/g)?.join() ?? '');
  }
  const ratio = { avg10Ratio: 0, avg60Ratio: 0, avg300Ratio: 0 };
  const sample: Partial<Measurements> = {
    ...createSimulatedHost(1, 3000, { hasGpu: true }).nextSample(1),
    temperatures: [{ chip: 'a', label: 'b', temperatureCelsius: 1, criticalCelsius: 2 }],
    pressure: {
      cpu: { some: ratio, full: null },
      memory: { some: ratio, full: null },
      io: { some: ratio, full: ratio },
    },
    cgroup: {
      ...{ version: 2, cpuLimitCores: 1, cpuUsageCores: 1, memoryLimitBytes: 1, memoryUsedBytes: 1 },
      ...{ processLimit: 1, processCount: 1 },
    },
  };
  const sent = new Map(
    seriesOfSample(sample).map(({ name, labels }) => [name, Object.keys(labels).sort().join()]),
  );
  expect(new Map([...sent].sort())).toEqual(new Map([...documented].sort()));
});
