import type { Measurements } from '@booner/protocol';
import { expect, test } from 'vitest';
import { rowOf } from './layout.ts';
import { BatchWriter, type SampleBatch, samplesIn } from './sample-batch.ts';
import { mount, sampleOf } from './testing/samples.ts';

const withMounts = (cpu: number, names: readonly string[]) =>
  sampleOf(cpu, { fileSystems: names.map((name, index) => mount(name, 4096 * (index + 1))) });

/** Returns the samples that the worker reads, with named values. */
const read = (batch: SampleBatch) =>
  [...samplesIn(structuredClone(batch))].map(({ layout, values, ...sample }) => ({
    ...sample,
    values: Object.fromEntries(
      layout.series.flatMap(({ metric, device }, place) =>
        Number.isNaN(values[place]) ? [] : [[`${metric} ${device ?? ''}`, values[place]]],
      ),
    ),
  }));

const named = (sample: Measurements) => {
  const { layout, values } = rowOf(sample);
  return Object.fromEntries(
    layout.series.flatMap(({ metric, device }, place) =>
      Number.isNaN(values[place]) ? [] : [[`${metric} ${device ?? ''}`, values[place]]],
    ),
  );
};

test('the worker reads each sample as it was added, whatever devices hosts have', () => {
  const writer = new BatchWriter();
  const samples = [
    ['10.0.0.2', withMounts(0.1, ['/', '/data'])],
    ['10.0.0.3', withMounts(0.2, ['/'])],
    ['10.0.0.2', withMounts(0.3, ['/data', '/'])],
    ['10.0.0.3', withMounts(0.4, ['/', '/'])],
    ['10.0.0.2', withMounts(0.5, [])],
    [
      '10.0.0.4',
      withMounts(
        0.6,
        Array(100)
          .keys()
          .map((index) => `/${index}`)
          .toArray(),
      ),
    ],
    ['10.0.0.3', withMounts(0.7, ['/', '/'])],
  ] as const;
  for (const [round, part] of [samples, samples.toReversed()].entries()) {
    for (const [row, [host, measurements]] of part.entries())
      writer.add({ host, atMs: 1_800_000_000_000 + row, intervalMs: 1000 * (round + 1), measurements });
    expect(writer.size).toBe(samples.length);
    expect(read(writer.take())).toEqual(
      part.map(([host, measurements], row) => ({
        host,
        atMs: 1_800_000_000_000 + row,
        intervalMs: 1000 * (round + 1),
        values: named(measurements),
      })),
    );
  }
  expect(read(writer.take())).toEqual([]);
});

test('two devices of the same name are told apart, and those beyond the bound are left out', () => {
  const twice = named(withMounts(0, ['/', '/']));
  expect([twice['fileSystemUsedBytes /'], twice['fileSystemUsedBytes / #2']]).toEqual([4096, 8192]);
  const many = named(
    withMounts(
      0,
      Array(100)
        .keys()
        .map((index) => `/${index}`)
        .toArray(),
    ),
  );
  expect(Object.keys(many).filter((key) => key.startsWith('fileSystemUsedBytes'))).toHaveLength(64);
});
