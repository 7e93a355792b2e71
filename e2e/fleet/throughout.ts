import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 100;

/**
 * Repeats a check for this long, which must not throw: the duration of an outage, and what stays
 * true during it.
 */
export async function throughout(durationMs: number, check: () => unknown): Promise<void> {
  const endMs = performance.now() + durationMs;
  do {
    await check();
    await wait(Math.min(EVERY_MS, Math.max(endMs - performance.now(), 0)));
  } while (performance.now() < endMs);
  await check();
}
