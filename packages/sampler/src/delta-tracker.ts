/** Device -> its monotonic counters, always in the same order. */
type CounterReadings = ReadonlyMap<string, readonly number[]>;

/** Device -> the rates of its counters per second, in the order of the counters. */
export type CounterRates = ReadonlyMap<string, readonly number[]>;

/** Turns successive readings of monotonic counters into rates. */
export type DeltaTracker = {
  /**
   * Takes a reading at a monotonic time in milliseconds. Devices whose rates are in doubt are
   * absent from the result: a first reading, a reading after an absence, or a counter that went
   * back. Rates are finite and never negative.
   */
  update(readings: CounterReadings, atMs: number): CounterRates;
};

/**
 * With a shorter interval, a counter's granularity (10 ms for CPU time) would show up as a rate.
 * The earlier reading stays the base.
 */
const SHORTEST_INTERVAL_MS = 50;

/**
 * Values at which counters wrap: `unsigned int` or a 32-bit kernel's `unsigned long`, and `u64`.
 */
const WRAPS = [2 ** 32, 2 ** 64];

/**
 * Limit for treating a counter that went back as wrapped rather than restarted. The numbers alone
 * are ambiguous: 3 GB back to 1 GB is a wrap at 32 bits, or a reloaded driver. It counts as a wrap
 * if the new rate is at most this multiple of the previous one, so neither case causes a spike.
 */
const WRAP_RATE_LIMIT = 2;

type Device = {
  readonly values: readonly number[];
  /** Rates of the interval that ended with `values`; `null` when they were in doubt. */
  readonly rates: readonly number[] | null;
  /**
   * Values from before counters went back; `null` if none did. Some drivers report 0 during a reset
   * and the old count afterwards: the jump back across the old value is not traffic.
   */
  readonly peaks: readonly number[] | null;
};

/** Creates a tracker without readings. Pure: it has no clock and no I/O. */
export function createDeltaTracker(): DeltaTracker {
  let devices: ReadonlyMap<string, Device> = new Map();
  let baseAtMs: number | null = null;

  return {
    update(readings, atMs) {
      const rates = new Map<string, readonly number[]>();
      if (!Number.isFinite(atMs)) return rates;
      const elapsedMs = baseAtMs === null ? null : atMs - baseAtMs;
      if (elapsedMs !== null && elapsedMs >= 0 && elapsedMs < SHORTEST_INTERVAL_MS) return rates;

      const next = new Map<string, Device>();
      for (const [name, values] of readings) {
        if (!values.every(isCount)) continue;
        const before = devices.get(name);
        const device =
          before && elapsedMs !== null ? advance(before, values, elapsedMs / 1000) : first(values);
        next.set(name, device);
        if (device.rates) rates.set(name, device.rates);
      }
      devices = next;
      baseAtMs = atMs;
      return rates;
    },
  };
}

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

const first = (values: readonly number[]): Device => ({ values, rates: null, peaks: null });

function advance(before: Device, values: readonly number[], elapsedSeconds: number): Device {
  if (before.values.length !== values.length) return first(values);
  let isInDoubt = elapsedSeconds <= 0;
  let peaks = before.peaks;
  const rates = values.map((value, index) => {
    const last = before.values[index] ?? 0;
    const peak = before.peaks?.[index] ?? 0;
    if (value < last) {
      peaks = raise(peaks, before.values, index);
      const rate = rateAcrossWrap(last, value, elapsedSeconds, before.rates?.[index]);
      if (rate === null) isInDoubt = true;
      return rate ?? 0;
    }
    if (peak > last && value >= peak) isInDoubt = true;
    return (value - last) / elapsedSeconds;
  });
  if (peaks !== null && values.every((value, index) => value >= (peaks?.[index] ?? 0))) peaks = null;
  return { values, rates: isInDoubt || !rates.every(Number.isFinite) ? null : rates, peaks };
}

/** Returns the rate of a counter that may have wrapped; `null` if it looks like a restart. */
function rateAcrossWrap(
  last: number,
  value: number,
  elapsedSeconds: number,
  lastRate: number | undefined,
): number | null {
  const wrap = WRAPS.find((candidate) => last < candidate);
  if (wrap === undefined || lastRate === undefined) return null;
  const rate = (wrap - last + value) / elapsedSeconds;
  return rate <= lastRate * WRAP_RATE_LIMIT ? rate : null;
}

/** Remembers the value before a counter went back, unless a higher one is remembered. */
function raise(peaks: readonly number[] | null, values: readonly number[], index: number): readonly number[] {
  const raised = peaks ? [...peaks] : values.map(() => 0);
  raised[index] = Math.max(raised[index] ?? 0, values[index] ?? 0);
  return raised;
}
