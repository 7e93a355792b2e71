/** Device -> its monotonic counters, always the same ones in the same order. */
type CounterReadings = ReadonlyMap<string, readonly number[]>;

/** Device -> the rates of its counters per second, in the order of the counters. */
export type CounterRates = ReadonlyMap<string, readonly number[]>;

/** Turns successive readings of monotonic counters into rates. */
export type DeltaTracker = {
  /**
   * Takes a reading at a monotonic time in milliseconds. A device whose rates are in doubt is absent from the result: seen for
   * the first time, returned after an absence, or with a counter that went back. Rates are finite and never negative.
   */
  update(readings: CounterReadings, atMs: number): CounterRates;
};

/** Below this, a counter's own granularity (10 ms for CPU time) would be drawn as a rate. The reading before stays the base. */
const SHORTEST_INTERVAL_MS = 50;

/** Where counters wrap: `unsigned int` or a 32-bit kernel's `unsigned long`, and `u64`. */
const WRAPS = [2 ** 32, 2 ** 64];

/**
 * A counter that went back has wrapped or was restarted, and the numbers alone do not tell which: 3 GB back to 1 GB is a
 * wrap at 32 bits, or a reloaded driver. It counts as a wrap when the rate that follows is no more than this multiple of the
 * rate before; so whichever it was, no spike comes of it.
 */
const WRAP_RATE_LIMIT = 2;

type Device = {
  readonly values: readonly number[];
  /** Rates of the interval that ended with `values`; `null` when they were in doubt. */
  readonly rates: readonly number[] | null;
  /**
   * Values before counters went back; `null` when none did. Drivers are seen that report 0 during a reset and the old count
   * afterwards: the jump back across the old value is no traffic.
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

/** The rate of a counter that may have wrapped; `null` when it looks like a restart. */
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
