const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30.4 * DAY_MS;
const STEPS_MS = [5, 10, 15, 30].map((count) => count * SECOND_MS);
STEPS_MS.push(...[1, 2, 3, 5, 10, 15, 30].map((count) => count * MINUTE_MS));
const HOURS = [1, 2, 3, 6, 12];
const DAYS = [1, 2, 4, 7, 14];
const MONTHS = [1, 2, 3, 6, 12, 24];
/** Space that a tick's label needs on the axis. */
const TICK_PX = 84;
/** Dates and hours are shorter than times with seconds. */
const DATE_PX = 62;
/** A label closer to the end would be cut off. */
const END_PX = 30;

const withSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const withMinutes = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const withDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const withMonth = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

/**
 * Returns as many round times between two moments as fit. Steps of an hour and more are round in
 * the reader's time zone, through changes of the clocks.
 */
export function timeTicks(fromMs: number, toMs: number, widthPx: number): number[] {
  const most = Math.max(1, Math.floor(widthPx / TICK_PX));
  const spanMs = toMs - fromMs;
  const lastMs = toMs - (spanMs * END_PX) / Math.max(widthPx, END_PX);
  const fits = (stepMs: number) => spanMs / stepMs <= most;
  // Time zones differ by whole quarters of an hour, so these times are round in all of them.
  const step = STEPS_MS.find(fits);
  if (step !== undefined) {
    const ticks: number[] = [];
    for (let atMs = Math.ceil(fromMs / step) * step; atMs <= lastMs; atMs += step) ticks.push(atMs);
    return ticks;
  }
  const mostDates = Math.max(1, Math.floor(widthPx / DATE_PX));
  const nextOf = calendarStep((stepMs) => spanMs / stepMs <= mostDates);
  const ticks: number[] = [];
  for (let at = nextOf.start(fromMs); at.getTime() <= lastMs; nextOf.advance(at)) {
    if (at.getTime() >= fromMs) ticks.push(at.getTime());
  }
  return ticks;
}

type CalendarStep = {
  /** Returns a round time at or before a moment. */
  readonly start: (fromMs: number) => Date;
  readonly advance: (at: Date) => void;
};

function calendarStep(fits: (stepMs: number) => boolean): CalendarStep {
  const hours = HOURS.find((count) => fits(count * HOUR_MS));
  const days = DAYS.find((count) => fits(count * DAY_MS));
  const midnight = (fromMs: number) => new Date(new Date(fromMs).setHours(0, 0, 0, 0));
  if (hours !== undefined) {
    return { start: midnight, advance: (at) => void at.setHours(at.getHours() + hours) };
  }
  if (days !== undefined) {
    // Counted from a fixed day, so that ticks stay where they are while the range moves.
    const start = (fromMs: number) => {
      const at = midnight(fromMs);
      const day = Math.round((at.getTime() - at.getTimezoneOffset() * MINUTE_MS) / DAY_MS);
      at.setDate(at.getDate() - (day % days));
      return at;
    };
    return { start, advance: (at) => void at.setDate(at.getDate() + days) };
  }
  const months = MONTHS.find((count) => fits(count * MONTH_MS)) ?? MONTHS.at(-1)!;
  return {
    start: (fromMs) => {
      const at = midnight(fromMs);
      const month = at.getFullYear() * 12 + at.getMonth();
      return new Date(0, month - (month % months) - 1900 * 12, 1);
    },
    advance: (at) => void at.setMonth(at.getMonth() + months),
  };
}

/**
 * Formats the ticks: with seconds only if they differ, and with dates where the range has several
 * days.
 * @param spanMs length of the range, for a tick alone
 */
export function tickTexts(ticks: readonly number[], spanMs = 0): string[] {
  const [first = 0, second = first + spanMs] = ticks;
  const stepMs = second - first;
  if (stepMs > 27 * DAY_MS) return ticks.map((atMs) => withMonth.format(atMs));
  if (stepMs >= 23 * HOUR_MS) return ticks.map((atMs) => withDay.format(atMs));
  const isWhole = ticks.every((atMs) => atMs % MINUTE_MS === 0);
  const isMidnight = (atMs: number) => new Date(atMs).getHours() === 0 && new Date(atMs).getMinutes() === 0;
  return ticks.map((atMs) => {
    if (stepMs >= HOUR_MS && isMidnight(atMs)) return withDay.format(atMs);
    return (isWhole ? withMinutes : withSeconds).format(atMs);
  });
}
