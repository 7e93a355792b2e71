import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GpuMeasurement, measurementsSchema } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createInstantGrouper,
  nvidiaQueryArguments,
  parseNvidiaRow,
  saysDriverError,
  saysNoDevices,
} from './nvidia-query.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8');
const rowsOf = (name: string) => recorded(name).split('\n').filter(Boolean).map(parseNvidiaRow);
const gpusOf = (name: string) => rowsOf(name).map((row) => row?.gpu);
const gpusSchema = measurementsSchema.shape.gpus;

describe('nvidiaQueryArguments', () => {
  it('asks for one reading, or for one at each interval', () => {
    const once = nvidiaQueryArguments();
    expect(once).toEqual([
      '--query-gpu=count,index,name,utilization.gpu,memory.total,memory.used,temperature.gpu,power.draw',
      '--format=csv,noheader,nounits',
    ]);
    expect(nvidiaQueryArguments(3000)).toEqual([...once, '--loop-ms=3000']);
  });
});

describe('parseNvidiaRow', () => {
  it('turns percent, MiB and W into ratio, bytes and watts', () => {
    expect(parseNvidiaRow('4, 3, NVIDIA GeForce RTX 3080, 12, 10240, 8192, 65, 120.00')).toEqual({
      count: 4,
      gpu: {
        index: 3,
        vendor: 'nvidia',
        name: 'NVIDIA GeForce RTX 3080',
        usageRatio: 0.12,
        memoryTotalBytes: 10 * 2 ** 30,
        memoryUsedBytes: 8 * 2 ** 30,
        temperatureCelsius: 65,
        powerWatts: 120,
      },
    });
  });

  it('says null for every figure that the driver does not give', () => {
    const figures = gpusOf('nvidia-not-available.txt').map((gpu) => [
      gpu?.name,
      gpu?.usageRatio,
      gpu?.memoryTotalBytes,
      gpu?.memoryUsedBytes,
      gpu?.temperatureCelsius,
      gpu?.powerWatts,
    ]);
    expect(figures).toEqual([
      ['NVIDIA GB10', 0, null, null, 35, 11.17],
      ['NVIDIA A100-SXM4-40GB', null, 40960 * 2 ** 20, 1024 * 2 ** 20, 31, 43.06],
      ['Quadro K620', null, 1998 * 2 ** 20, 412 * 2 ** 20, 48, null],
      ['NVIDIA GeForce GTX 1650', null, 4096 * 2 ** 20, 310 * 2 ** 20, 41, null],
      ['NVIDIA GPU', null, null, null, null, null],
    ]);
    expect(gpusSchema.parse(gpusOf('nvidia-not-available.txt'))).toHaveLength(5);
  });

  it('keeps a comma in a name', () => {
    expect(parseNvidiaRow('1, 0, Grid, the second, 5, 1, 1, 1, 1')?.gpu.name).toBe('Grid, the second');
  });

  it.each([
    '',
    'No devices were found',
    '1, x, GPU, 1, 2, 3, 4, 5',
    '1, 256, GPU, 1, 2, 3, 4, 5',
    '0, GPU, 1, 2, 3, 4',
  ])('takes %j for no row', (line) => {
    expect(parseNvidiaRow(line)).toBeNull();
  });

  it.each(['101', '-1', '1e3', 'NaN', 'Infinity', '9'.repeat(400), '0x10', '5 %'])(
    'says null for the senseless use %s',
    (use) => {
      expect(parseNvidiaRow(`1, 0, GPU, ${use}, 1, 1, 1, 1`)?.gpu.usageRatio).toBeNull();
    },
  );

  it('never throws and never gives a figure that the schema forbids, whatever the text', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.stringMatching(/^[0-9.eE+-]{0,400}$/),
      fc.constantFrom('[N/A]', '[Not Supported]', '[Unknown Error]', 'ERR!', ''),
    );
    const row = fc
      .tuple(fc.nat(300), fc.nat(300), fc.array(cell, { minLength: 5, maxLength: 9 }))
      .map(([count, index, cells]) => [count, index, ...cells].join(', '));
    let rows = 0;
    fc.assert(
      fc.property(fc.oneof(fc.string(), row), (line) => {
        const parsed = parseNvidiaRow(line);
        if (parsed === null) return;
        rows += 1;
        gpusSchema.parse([parsed.gpu]);
        for (const value of Object.values(parsed.gpu)) {
          if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 2000 },
    );
    expect(rows).toBeGreaterThan(200);
  });
});

describe('createInstantGrouper', () => {
  const instantsOf = (rows: ReturnType<typeof rowsOf>) => {
    const push = createInstantGrouper();
    return rows
      .map((row) => (row === null ? null : push(row)))
      .filter((instant): instant is GpuMeasurement[] => instant !== null)
      .map((instant) => instant.map(({ index, temperatureCelsius }) => `${index}@${temperatureCelsius}`));
  };

  it('completes an instant with as many rows as there are GPUs', () => {
    expect(instantsOf(rowsOf('nvidia-four-gpus.txt'))).toEqual([
      ['0@64', '1@61', '2@33', '3@65'],
      ['0@65', '1@61', '2@33', '3@67'],
    ]);
  });

  it('completes it when the index starts over, when a GPU is left out', () => {
    const withoutThird = rowsOf('nvidia-four-gpus.txt').filter((row) => row?.gpu.index !== 2);
    expect(instantsOf(withoutThird)).toEqual([['0@64', '1@61', '3@65']]);
  });

  it('completes it when the index starts over, when the count is not said', () => {
    const uncounted = rowsOf('nvidia-four-gpus.txt').map((row) => row && { ...row, count: null });
    expect(instantsOf(uncounted)).toEqual([['0@64', '1@61', '2@33', '3@65']]);
  });
});

describe('messages', () => {
  it('are distinguished: no devices, a driver error, anything else', () => {
    expect(saysNoDevices(recorded('nvidia-no-devices.txt'))).toBe(true);
    expect(saysNoDevices(recorded('nvidia-driver-error.txt'))).toBe(false);
    expect(saysDriverError(recorded('nvidia-driver-error.txt'))).toBe(true);
    expect(saysDriverError(recorded('nvidia-version-mismatch.txt'))).toBe(true);
    expect(saysDriverError('nvidia-smi ended (SIGKILL)')).toBe(false);
  });
});
