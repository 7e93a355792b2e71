import type { AlertSeverity } from '@booner/protocol';
import type { Change } from './alert-change.ts';

/** This many notified changes within {@link FLAPPING_WINDOW_MS} are flapping. */
const FLAPPING_CHANGES = 4;
const FLAPPING_WINDOW_MS = 30 * 60_000;
/**
 * What flaps is steady after this long without a change: none is left in the window. A change
 * meanwhile doubles it, up to {@link MAX_STEADY_MS}: `delay: down 30m multiplier 2 max 1h` in the
 * words of Netdata.
 */
export const FIRST_STEADY_MS = FLAPPING_WINDOW_MS;
const MAX_STEADY_MS = 60 * 60_000;

/** Counts a change that people would be notified of. @returns true if it makes the alert flap */
export function countChange(change: Change, severity: AlertSeverity | null): boolean {
  pruneChanges(change);
  change.changesMs = [...change.changesMs, change.atMs].slice(-FLAPPING_CHANGES);
  if (change.changesMs.length < FLAPPING_CHANGES) return false;
  change.flapping = { changedAtMs: change.atMs, severity };
  return true;
}

/**
 * Follows an alert that flaps. It is steady once its severity was known and the same for long
 * enough.
 * @returns true if it still flaps
 */
export function staysFlapping(change: Change, severity: AlertSeverity | null): boolean {
  const { flapping, atMs } = change;
  if (flapping === null) return false;
  if (severity !== flapping.severity) {
    change.steadyAfterMs = Math.min(2 * change.steadyAfterMs, MAX_STEADY_MS);
    change.flapping = { changedAtMs: atMs, severity };
    return true;
  }
  if (change.reading === null || flapping.changedAtMs > atMs) {
    change.flapping = { ...flapping, changedAtMs: atMs };
    return true;
  }
  if (atMs - flapping.changedAtMs < change.steadyAfterMs) return true;
  change.flapping = null;
  change.steadyAfterMs = Math.min(2 * change.steadyAfterMs, MAX_STEADY_MS);
  // One more change is its end. The one after that, if it comes soon, is flapping again.
  change.changesMs = Array.from({ length: FLAPPING_CHANGES - 2 }, () => atMs);
  return false;
}

/** Forgets changes that are long ago. Without any, the next flapping waits as long as the first. */
export function pruneChanges(change: Change): void {
  const fromMs = change.atMs - FLAPPING_WINDOW_MS;
  if (change.changesMs.length > 0 && change.changesMs[0]! <= fromMs) {
    change.changesMs = change.changesMs.filter((changeMs) => changeMs > fromMs);
  }
  if (change.changesMs.length === 0 && change.flapping === null) change.steadyAfterMs = FIRST_STEADY_MS;
}
