import { inSeconds } from './deadline.ts';
import { reasonOf } from './sampler-error.ts';
import type { Sensor } from './sensor.ts';

/**
 * Outcome of reading a sensor: its value, `null` if the host does not have it, or the reason why it
 * failed.
 */
export type Outcome<T> = { readonly value: T | null } | { readonly reason: string };

/** Reads one sensor, never twice at a time. */
export type SensorSlot<T> = {
  /**
   * Never throws or rejects. While an earlier call is pending, the outcome is a reason that says
   * so.
   */
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
