import { readFileSync } from 'node:fs';
import { publishSamples } from '@booner/bus/publish-samples';
import { startRedisPublisher } from '@booner/bus/redis/publisher';
import type { Measurements } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { startSampler } from '@booner/sampler';

/** Memory in use after so many samples, garbage collected. */
export type SoakReading = {
  readonly samples: number;
  readonly heapBytes: number;
  readonly anonymousBytes: number;
};

export type SoakOptions = {
  readonly redisUrl: string;
  readonly intervalMs: number;
  readonly readings: number;
  readonly samplesPerReading: number;
  /** Bytes to lose with each sample, to show that a leak would be seen. */
  readonly leakBytes: number;
};

const ignore = () => {};

/**
 * Runs the parts of the agent at a short interval and reads their memory repeatedly. Needs
 * `--expose-gc`.
 */
export async function soak(options: SoakOptions): Promise<SoakReading[]> {
  const { redisUrl, intervalMs, readings: wanted, samplesPerReading, leakBytes } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const host = parseHostId('10.0.0.9')!;
  const readings: SoakReading[] = [];
  const leaked: number[][] = [];
  let samples = 0;

  await using publisher = await startRedisPublisher({ redis: { url: redisUrl }, host });
  await using sampler = await startSampler({}, { signal });
  const sample = async (): Promise<Measurements> => {
    samples += 1;
    if (leakBytes > 0) leaked.push(new Array(leakBytes / 8).fill(samples + 0.5));
    if (samples % samplesPerReading === 0) readings.push(readMemory(samples));
    if (readings.length >= wanted) stop.abort();
    return sampler.sample();
  };
  await publishSamples(
    {
      host,
      instance: 'soak',
      intervalMs,
      sampler: { sample },
      publisher,
      inventoryTakenAtMs: () => null,
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    },
    { signal },
  );
  return readings;
}

function readMemory(samples: number): SoakReading {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return { samples, heapBytes: process.memoryUsage().heapUsed, anonymousBytes: Number(kilobytes) * 1024 };
}
