const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const STEPS_MS = [5, 10, 15, 30].map((count) => count * SECOND_MS);
STEPS_MS.push(...[1, 2, 3, 5, 10, 15, 30].map((count) => count * MINUTE_MS));
/** Space that a tick's label needs on the axis. */
const TICK_PX = 84;
/** A label closer to the end would be cut off. */
const END_PX = 30;

const withSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const withMinutes = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/**
 * Returns as many round times of day between two moments as fit. Time zones differ by whole
 * quarters of an hour, so these times are round in all of them.
 */
export function timeTicks(fromMs: number, toMs: number, widthPx: number): number[] {
  const most = Math.max(1, Math.floor(widthPx / TICK_PX));
  const step = STEPS_MS.find((each) => (toMs - fromMs) / each <= most) ?? STEPS_MS.at(-1)!;
  const ticks: number[] = [];
  const lastMs = toMs - ((toMs - fromMs) * END_PX) / Math.max(widthPx, END_PX);
  for (let atMs = Math.ceil(fromMs / step) * step; atMs <= lastMs; atMs += step) ticks.push(atMs);
  return ticks;
}

/** With seconds only if they differ. */
export function tickTexts(ticks: readonly number[]): string[] {
  const isWhole = ticks.every((atMs) => atMs % MINUTE_MS === 0);
  return ticks.map((atMs) => (isWhole ? withMinutes : withSeconds).format(atMs));
}
