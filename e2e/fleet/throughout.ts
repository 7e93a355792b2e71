import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 100;

/** Lets a while pass, in which a check that throws must never throw: how long an outage lasts, and what holds during it. */
export async function throughout(durationMs: number, check: () => unknown): Promise<void> {
  const endMs = performance.now() + durationMs;
  do {
    await check();
    await wait(Math.min(EVERY_MS, Math.max(endMs - performance.now(), 0)));
  } while (performance.now() < endMs);
  await check();
}
