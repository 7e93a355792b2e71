import { hostname } from 'node:os';
import type { HostId, Sample } from '@booner/protocol';
import { parseHostId } from '@booner/protocol/host-id';
import { newInstanceId } from '@booner/protocol/instance-id';
import { startSampling } from './start-sampling.ts';

/** Rates are means between two readings this far apart. */
const READINGS_APART_MS = 500;

export type OnceOptions = {
  /** `null`: the machine's own name, as no Redis is there to have an address towards. */
  readonly hostId: HostId | null;
  readonly intervalMs: number;
  readonly hostRoot?: string | undefined;
};

/**
 * One sample of this machine, without a bus.
 * @returns `null` when the signal aborted first
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
