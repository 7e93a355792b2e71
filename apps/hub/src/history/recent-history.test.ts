import { type HostId, hostIdSchema, type Measurements, NOTHING_MEASURED } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import { HistoryChunks } from './history-chunks.ts';
import { RecentHistory } from './recent-history.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const RANGE_MS = 15 * 60_000;
const START_MS = 1_700_000_000_000;
const shares = { userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0 };

const cpuOf = (usageRatio: number, cores: readonly number[] = []): Measurements['cpu'] => ({
  ...shares,
  usageRatio,
  cores: cores.map((coreRatio, core) => ({ ...shares, core, usageRatio: coreRatio })),
});
const hostOf = (index: number) => hostIdSchema.parse(`10.0.${index >> 8}.${index & 255}`);

/** A history on a clock that the test moves. */
function startHistory(maxBytes?: number) {
  let nowMs = START_MS;
  const history = new RecentHistory({
    nowWallMs: () => nowMs,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return {
    history,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    receive: (change: Partial<Measurements> = {}, host: HostId = HOST, intervalMs = 3000) =>
      history.record(host, { ...NOTHING_MEASURED, ...change }, intervalMs),
    read: (host: HostId = HOST, rangeMs = RANGE_MS) => history.read(host, rangeMs),
  };
}

/** Each host says its load each 3 s. @returns with the clock at the last sample */
function receiveFleet({ receive, pass }: ReturnType<typeof startHistory>, hosts: number, ms: number): void {
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 3000) {
    pass(3000);
    for (let i = 0; i < hosts; i++) receive({ cpu: cpuOf(0.5) }, hostOf(i));
  }
}

describe('what is kept of a sample', () => {
  it('is every figure that a chart needs', () => {
    const { receive, read } = startHistory();
    const stall = (avg10Ratio: number) => ({
      some: { avg10Ratio, avg60Ratio: 0, avg300Ratio: 0 },
      full: null,
    });
    const gpu = { index: 0, vendor: 'nvidia', name: 'x', memoryTotalBytes: 10e9, powerWatts: null } as const;
    receive({
      cpu: cpuOf(0.12345, [0, 0.5, 1]),
      loadAverage: { last1Minute: 1.25, last5Minutes: 9, last15Minutes: 9 },
      memory: {
        totalBytes: 32e9,
        usedBytes: 14_400_000_000,
        availableBytes: 1,
        buffersBytes: null,
        cachedBytes: null,
      },
      swap: { totalBytes: 9, usedBytes: 7 },
      fileSystems: ['/boot', '/'].map((mountPoint) => ({
        mountPoint,
        device: 'd',
        type: 'ext4',
        totalBytes: 9,
        usedBytes: mountPoint.length,
        availableBytes: 1,
        inodesTotal: null,
        inodesUsed: null,
      })),
      disks: {
        readBytesPerSecond: 10,
        writtenBytesPerSecond: 20,
        readsPerSecond: 1,
        writesPerSecond: 1,
        devices: [],
      },
      network: { receivedBytesPerSecond: 1234.56, sentBytesPerSecond: 40, interfaces: [] },
      temperatures: [-3, 51.25].map((temperatureCelsius) => ({
        chip: 'c',
        label: 'l',
        temperatureCelsius,
        criticalCelsius: null,
      })),
      gpus: [
        { ...gpu, usageRatio: 0.5, memoryUsedBytes: 1000, temperatureCelsius: 60 },
        { ...gpu, usageRatio: 0.25, memoryUsedBytes: 24, temperatureCelsius: null },
        { ...gpu, usageRatio: null, memoryUsedBytes: null, temperatureCelsius: null },
      ],
      pressure: { cpu: stall(0.01), memory: stall(0.02), io: stall(0.03) },
    });
    expect(read()).toEqual({
      fromMs: START_MS - RANGE_MS,
      toMs: START_MS,
      intervalMs: 3000,
      times: [START_MS],
      cpuUsageRatio: [0.1235],
      load1Minute: [1.25],
      memoryUsedBytes: [14_400_000_000],
      swapUsedBytes: [7],
      diskUsedBytes: [1],
      readBytesPerSecond: [10],
      writtenBytesPerSecond: [20],
      receivedBytesPerSecond: [1235],
      sentBytesPerSecond: [40],
      temperatureCelsius: [51.3],
      gpuUsageRatio: [0.5],
      gpuMemoryUsedBytes: [1024],
      cpuPressureRatio: [0.01],
      memoryPressureRatio: [0.02],
      ioPressureRatio: [0.03],
      coreUsageRatios: [[0], [0.5], [1]],
    });
  });

  it('is null for what could not be measured', () => {
    const { receive, read } = startHistory();
    receive();
    const { fromMs, toMs, intervalMs, times, coreUsageRatios, ...figures } = read();
    expect(times).toEqual([START_MS]);
    expect(Object.values(figures)).toEqual(Array(15).fill([null]));
  });

  it('is every sample of the last 15 minutes, to the millisecond, whatever their number', () => {
    const lateness = fc.array(fc.integer({ min: -400, max: 3000 }), { minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(lateness, fc.integer({ min: 0, max: 40 }), (delays, cores) => {
        const { receive, pass, now, read } = startHistory();
        const received = delays.map((delayMs, i) => {
          pass(3000 + delayMs);
          receive({ cpu: cpuOf(i / 1000, Array(cores).fill(i / 1000)) });
          return { atMs: now(), usageRatio: i / 1000 };
        });
        const kept = received.filter(({ atMs }) => atMs >= now() - RANGE_MS);
        const { times, cpuUsageRatio, coreUsageRatios } = read();
        expect(times).toEqual(kept.map(({ atMs }) => atMs));
        expect(cpuUsageRatio).toEqual(kept.map(({ usageRatio }) => usageRatio));
        expect(coreUsageRatios).toHaveLength(cores);
        for (const column of coreUsageRatios) expect(column).toHaveLength(times.length);
      }),
      { numRuns: 30 },
    );
  });

  it('can be read for a shorter time', () => {
    const { receive, pass, read } = startHistory();
    for (let i = 0; i < 100; i++) {
      receive();
      pass(3000);
    }
    expect(read(HOST, 60_000).times).toHaveLength(20);
    expect(read(HOST, 60_000).fromMs).toBe(START_MS + 240_000);
  });

  it('continues when the number of cores changes', () => {
    const { receive, pass, read } = startHistory();
    for (const cores of [null, [0.5], [0.5, 1], null, [1]]) {
      receive({ cpu: cores === null ? null : cpuOf(0.25, cores) });
      pass(3000);
    }
    expect(read().cpuUsageRatio).toEqual([null, 0.25, 0.25, null, 0.25]);
    expect(read().coreUsageRatios).toEqual([
      [null, 0.5, 0.5, null, 1],
      [null, null, 1, null, null],
    ]);
  });
});

describe('a time without samples', () => {
  it('shows as one row of nulls', () => {
    const { receive, pass, read } = startHistory();
    receive({ cpu: cpuOf(0.5, [0.5]) });
    pass(60_000);
    receive({ cpu: cpuOf(0.25, [0.25]) });
    const { times, cpuUsageRatio, coreUsageRatios } = read();
    expect(times.map((atMs) => atMs - START_MS)).toEqual([0, 3000, 60_000]);
    expect(cpuUsageRatio).toEqual([0.5, null, 0.25]);
    expect(coreUsageRatios).toEqual([[0.5, null, 0.25]]);
  });

  it('shows while it lasts, until nothing is left but it', () => {
    const { receive, pass, read } = startHistory();
    receive({ cpu: cpuOf(0.5) });
    pass(7500);
    expect(read().cpuUsageRatio).toEqual([0.5]);
    pass(1);
    expect(read().cpuUsageRatio).toEqual([0.5, null]);
    pass(RANGE_MS - 7000);
    expect(read().cpuUsageRatio).toEqual([null]);
    pass(RANGE_MS);
    expect(read().times).toEqual([]);
  });

  it('is detected by the interval that the agent last reported', () => {
    const { receive, pass, read } = startHistory();
    receive({}, HOST, 60_000);
    pass(140_000);
    receive({}, HOST, 3000);
    expect(read().times).toHaveLength(2);
    pass(9000);
    receive({}, HOST, 3000);
    expect(read().times).toHaveLength(4);
  });

  it('is not a gap if only one sample was lost', () => {
    const { receive, pass, read } = startHistory();
    receive({ cpu: cpuOf(0.5) });
    pass(6000);
    receive({ cpu: cpuOf(0.25) });
    expect(read().cpuUsageRatio).toEqual([0.5, 0.25]);
  });

  it('of more than 15 minutes leaves nothing of what was before', () => {
    const { receive, pass, read, now } = startHistory();
    receive();
    pass(100 * 86_400_000); // more than 2^32 ms
    receive();
    expect(read().times).toEqual([now()]);
  });
});

describe("the hub's clock", () => {
  it('that is set back a little does not take rows back in time', () => {
    const { receive, pass, read } = startHistory();
    receive();
    pass(3000);
    receive();
    pass(-4000);
    for (let i = 0; i < 3; i++) {
      pass(3000);
      receive();
    }
    const { times } = read();
    expect(times.map((atMs) => atMs - START_MS)).toEqual([0, 3000, 5000, 8000]);
  });

  it('that is set back adds no gap before existing rows', () => {
    const { receive, pass, read } = startHistory();
    for (let i = 0; i <= 10; i++) {
      receive();
      pass(3000);
    }
    pass(-20_000);
    for (const silenceMs of [10_000, 3000, 3000, 3000, 3000, 3000]) {
      receive();
      pass(silenceMs);
    }
    const { times } = read();
    expect(times.slice(-3).map((atMs) => atMs - START_MS)).toEqual([30_000, 32_000, 35_000]);
  });

  it('that is set back far keeps the rows that still have a place in time', () => {
    const { receive, pass, read, now } = startHistory();
    for (let i = 0; i < 100; i++) {
      receive();
      pass(3000);
    }
    pass(-600_000);
    receive();
    expect(read().times).toEqual([now()]);
  });
});

describe('the memory', () => {
  /** Bytes of a chunk: a word, and 16 rows of 64 bytes. */
  const CHUNK_BYTES = 4 * 257;

  it('is shared by all hosts: 15 minutes of each stay, at a coarser resolution', () => {
    const fleet = startHistory(100 * CHUNK_BYTES);
    receiveFleet(fleet, 25, 2 * RANGE_MS); // 4 chunks each: 3 times 16 rows for 300 samples
    for (let i = 0; i < 25; i++) {
      const { times, intervalMs, cpuUsageRatio } = fleet.read(hostOf(i));
      expect(intervalMs).toBe(21_000);
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(RANGE_MS - 2 * 21_000);
      expect(new Set(cpuUsageRatio)).toEqual(new Set([0.5]));
    }
  });

  it('is reclaimed from hosts above their share when others arrive', () => {
    const fleet = startHistory(100 * CHUNK_BYTES);
    receiveFleet(fleet, 4, RANGE_MS); // 20 chunks each
    receiveFleet(fleet, 50, RANGE_MS);
    for (let i = 0; i < 50; i++) expect(fleet.read(hostOf(i)).times.length).toBeGreaterThan(12);
  });

  it('keeps a row of the last minutes even for a host with a single chunk', () => {
    const fleet = startHistory(3 * CHUNK_BYTES);
    receiveFleet(fleet, 3, RANGE_MS);
    for (let i = 0; i < 3; i++) expect(fleet.read(hostOf(i)).times.length).toBeGreaterThan(0);
  });

  it('drops the history of some hosts if there are more hosts than chunks', () => {
    const fleet = startHistory(2 * CHUNK_BYTES);
    receiveFleet(fleet, 5, 60_000);
    const known = [0, 1, 2, 3, 4].map((i) => fleet.read(hostOf(i)).times.length > 0);
    expect(known).toEqual([true, true, false, false, false]);
  });

  it('of silent hosts is reused', () => {
    const fleet = startHistory(40 * CHUNK_BYTES);
    receiveFleet(fleet, 20, 2 * RANGE_MS); // 2 chunks each
    fleet.pass(RANGE_MS + 1);
    const { receive, pass, read } = fleet;
    for (let i = 0; i < 600; i++) {
      pass(3000);
      receive({}, hostOf(99));
    }
    expect(read(hostOf(99)).intervalMs).toBe(3000);
    expect(read(hostOf(99)).times).toHaveLength(301);
  });

  it('is not spent on an agent that samples too often, or more often than it says', () => {
    const { receive, pass, read } = startHistory();
    for (let i = 0; i < 1000; i++) {
      receive({}, HOST, 100);
      receive({}, hostOf(1), 3000);
      pass(100);
    }
    expect(read().intervalMs).toBe(500);
    expect(read().times.length).toBeLessThan(225);
    expect(read(hostOf(1)).times.length).toBeLessThan(135);
  });

  it('is bounded, whatever is received', () => {
    const memory = new HistoryChunks(10 * CHUNK_BYTES + 5);
    const chunks = Array.from({ length: 12 }, () => memory.take(0));
    expect(chunks).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, null, null]);
    memory.give(4);
    expect([memory.take(0), memory.take(0)]).toEqual([4, null]);
  });
});

it('keeps the main server apart from every host', () => {
  const { history, read } = startHistory();
  history.record(MAIN_SERVER, { ...NOTHING_MEASURED, cpu: cpuOf(0.75) }, 3000);
  expect(history.read(MAIN_SERVER, RANGE_MS).cpuUsageRatio).toEqual([0.75]);
  expect(read().times).toEqual([]);
  expect(read().intervalMs).toBeNull();
  expect(hostIdSchema.safeParse(MAIN_SERVER).success).toBe(false);
});
