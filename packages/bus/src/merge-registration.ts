import type { Registration } from '@booner/protocol';

/**
 * Merges a registration into the stored one. Stored label and labels stay, the earlier
 * `firstSeenAtMs` and the later `lastSeenAtMs` win, and the status is the given one. A quarantine
 * is taken only if nothing is stored.
 */
export function mergeRegistration(stored: Registration | undefined, given: Registration): Registration {
  const { quarantine } = stored ?? given;
  return {
    label: stored?.label ?? given.label,
    labels: stored?.labels ?? given.labels,
    firstSeenAtMs: pick(Math.min, stored?.firstSeenAtMs, given.firstSeenAtMs),
    lastSeenAtMs: pick(Math.max, stored?.lastSeenAtMs, given.lastSeenAtMs),
    status: given.status,
    ...(quarantine === undefined ? {} : { quarantine }),
  };
}

function pick(choose: (a: number, b: number) => number, a: number | null | undefined, b: number | null) {
  if (a == null) return b;
  return b === null ? a : choose(a, b);
}
