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
   * Takes one set of measurements. Never rejects: values that cannot be read are `null` with their
   * reason in `unavailable`. Returns within the deadline of a sensor (1 s), even if one hangs. MUST
   * NOT be called while a call is pending.
   */
  sample(): Promise<Measurements>;
};

export type SamplerOptions = {
  /**
   * Mount points of the kernel's file systems; default `/proc` and `/sys`. If given, Linux is
   * sampled on any platform.
   */
  readonly roots?: { readonly proc: string; readonly sys: string };
  /**
   * Path of the host's root inside a container that shares the host's process ids. File systems are
   * then those of process 1, and the container's own limits are ignored.
   */
  readonly hostRoot?: string | undefined;
  /** Monotonic clock in milliseconds; default the process's own. */
  readonly monotonicNow?: () => number;
  /** Queries a mounted file system; default the system's `statfs`. */
  readonly statfs?: Statfs;
};

/** Maximum wait of a sample for a sensor. */
const SENSOR_DEADLINE_MS = 1_000;

const LINUX_ROOTS = { proc: '/proc', sys: '/sys' };

/**
 * Starts the sensors of this platform and takes the first reading of all counters, so that a sample
 * taken at least 50 ms later has rates. Disposal closes files and ends GPU tools; a sample after
 * that is all `null` with the reason. The signal ends the start, the GPU tools and any waits.
 * @throws the signal's reason, if it aborts during the start
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

/**
 * Composes sensors: each is read once per sample, in parallel with the others, and within its
 * deadline.
 */
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

/**
 * GPU sensors run third-party tools. If one does not start, the sample lacks GPUs and nothing else.
 */
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
