import { hostname } from 'node:os';
import type { HostId, Sample } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { newInstanceId } from '@booner/protocol/instance-id';
import { startSampling } from './start-sampling.ts';

/** Time between two readings, over which rates are averaged. */
const READINGS_APART_MS = 500;

export type OnceOptions = {
  /** `null`: the machine's own name, as its address depends on Redis. */
  readonly hostId: HostId | null;
  readonly intervalMs: number;
  readonly hostRoot?: string | undefined;
};

/**
 * Takes one sample of this machine, without a bus.
 * @returns `null` if the signal aborted first
 */
export async function takeOneSample(
  { hostId, intervalMs, hostRoot }: OnceOptions,
  { signal }: { signal: AbortSignal },
): Promise<Sample | null> {
  await using sampler = await startSampling({ firstRatesOverMs: READINGS_APART_MS, hostRoot }, { signal });
  if (sampler === null) return null;
  const measurements = await sampler.sample();
  return {
    type: 'sample',
    host: hostId ?? parseHostId(hostname()) ?? parseHostId('localhost')!,
    instance: newInstanceId(),
    sequence: 1,
    sampledAtMs: Date.now(),
    inventoryTakenAtMs: null,
    intervalMs,
    ...measurements,
  };
}
