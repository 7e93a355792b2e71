import { inSeconds } from './deadline.ts';
import { reasonOf } from './sampler-error.ts';
import type { Sensor } from './sensor.ts';

/** What came of asking a sensor: its value, `null` for a thing that the host does not have, or why there is none. */
export type Outcome<T> = { readonly value: T | null } | { readonly reason: string };

/** Asks one sensor, never twice at a time. */
export type SensorSlot<T> = {
  /** Never throws or rejects. While the last call is pending, the outcome is the reason that says so. */
  read(): Outcome<T> | Promise<Outcome<T>>;
};

export function createSensorSlot<T>(sensor: Sensor<T>, monotonicNow: () => number): SensorSlot<T> {
  let pendingSinceMs: number | null = null;

  async function settle(pending: Promise<T | null>): Promise<Outcome<T>> {
    try {
      return { value: await pending };
    } catch (error) {
      return { reason: reasonOf(error) };
    } finally {
      pendingSinceMs = null;
    }
  }

  return {
    read() {
      if (pendingSinceMs !== null) {
        return { reason: `no answer for ${inSeconds(monotonicNow() - pendingSinceMs)}` };
      }
      try {
        const result = sensor.read();
        if (!(result instanceof Promise)) return { value: result };
        pendingSinceMs = monotonicNow();
        return settle(result);
      } catch (error) {
        return { reason: reasonOf(error) };
      }
    },
  };
}
