import type { GpuMeasurement, Measurements } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';
import { startDeadline } from './deadline.ts';
import { startGpuSensor } from './gpu/gpu-sensor.ts';
import { openLinuxSensors } from './linux/linux-sensors.ts';
import type { Statfs } from './linux/statfs-guard.ts';
import { reasonOf } from './sampler-error.ts';
import type { Sensor } from './sensor.ts';
import type { SensorSet } from './sensor-set.ts';
import { createSensorSlot, type Outcome, type SensorSlot } from './sensor-slot.ts';

/** Takes measurements of this machine. */
export type Sampler = {
  /**
   * Takes one set of measurements. Never rejects: what cannot be read is `null` with its reason in `unavailable`. Returns
   * within the deadline of a sensor (1 s), whatever hangs. MUST NOT be called while a call is pending.
   */
  sample(): Promise<Measurements>;
};

export type SamplerOptions = {
  /** Where the kernel's file systems are; default `/proc` and `/sys`. When given, Linux is sampled on any platform. */
  readonly roots?: { readonly proc: string; readonly sys: string };
  /**
   * Where the host's root is seen from within a container that shares its process ids: file systems are then those of process 1, and the
   * container's own limits are not the host's.
   */
  readonly hostRoot?: string | undefined;
  /** Milliseconds that never go back; default the process's monotonic clock. */
  readonly monotonicNow?: () => number;
  /** Asks a mounted file system for its figures; default the system's `statfs`. */
  readonly statfs?: Statfs;
};

/** How long a sample waits for a sensor that answers later. */
const SENSOR_DEADLINE_MS = 1_000;

const LINUX_ROOTS = { proc: '/proc', sys: '/sys' };

/**
 * Starts the sensors of this platform and takes the first reading of all counters, so that a sample made 50 ms later or more has
 * rates. Disposal closes files and ends GPU tools; a sample after that is all `null` with the reason. The signal ends the start,
 * and the GPU tools with whatever else waits.
 * @throws what the signal was aborted with, when that happens during the start
 */
export async function startSampler(
  options: SamplerOptions,
  { signal }: { signal: AbortSignal },
): Promise<Sampler & AsyncDisposable> {
  const { monotonicNow = () => performance.now(), roots = LINUX_ROOTS, hostRoot, statfs } = options;
  signal.throwIfAborted();
  await using starting = new AsyncDisposableStack();
  const isLinux = options.roots !== undefined || process.platform === 'linux';
  const platformSensors = isLinux
    ? starting.use(openLinuxSensors({ roots, hostRoot, monotonicNow, statfs })).sensors
    : await portableSensors();
  const gpus = await startGpus(roots.sys, signal, starting);
  const sampler = composeSampler({ ...platformSensors, gpus }, monotonicNow);
  await sampler.sample();
  signal.throwIfAborted();

  const stack = starting.move();
  return { sample: sampler.sample, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Composes sensors: each is asked once a sample, none waits for another, and none is waited for longer than its deadline. */
export function composeSampler(sensors: SensorSet, monotonicNow: () => number): Sampler {
  const slots = Object.entries(sensors).map(([part, sensor]) => ({
    part,
    slot: createSensorSlot<unknown>(sensor, monotonicNow),
  }));
  return { sample: () => takeSample(slots) };
}

async function takeSample(
  slots: readonly { part: string; slot: SensorSlot<unknown> }[],
): Promise<Measurements> {
  const measured: Record<string, unknown> = { ...NOTHING_MEASURED };
  const unavailable: Record<string, string> = {};
  const take = (part: string, outcome: Outcome<unknown>) => {
    if ('reason' in outcome) unavailable[part] = outcome.reason;
    else measured[part] = outcome.value;
  };

  const pending: { part: string; outcome: Promise<Outcome<unknown>> }[] = [];
  for (const { part, slot } of slots) {
    const outcome = slot.read();
    if (outcome instanceof Promise) pending.push({ part, outcome });
    else take(part, outcome);
  }
  if (pending.length > 0) {
    const deadline = startDeadline(SENSOR_DEADLINE_MS);
    const late = deadline.passed.then(() => ({ reason: `no answer within ${SENSOR_DEADLINE_MS / 1000} s` }));
    await Promise.all(
      pending.map(async ({ part, outcome }) => take(part, await Promise.race([outcome, late]))),
    );
    deadline.cancel();
  }
  return { ...(measured as Omit<Measurements, 'unavailable'>), unavailable };
}

/** Loaded only where it is needed: systeminformation takes 10 MB. */
async function portableSensors(): Promise<SensorSet> {
  const { createPortableSensors } = await import('./portable/portable-sensors.ts');
  return createPortableSensors();
}

/** GPU sensors run tools of other makers; one that does not start costs the sample its GPUs and nothing else. */
async function startGpus(
  sysRoot: string,
  signal: AbortSignal,
  stack: AsyncDisposableStack,
): Promise<Sensor<GpuMeasurement[]>> {
  try {
    return stack.use(await startGpuSensor({ sysRoot }, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    const reason = reasonOf(error);
    return {
      read() {
        throw new Error(reason, { cause: error });
      },
    };
  }
}
