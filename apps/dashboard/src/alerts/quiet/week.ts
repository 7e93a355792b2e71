import type { QuietTime } from '@booner/protocol';

export type WeeklyTime = Extract<QuietTime, { type: 'weekly' }>;
type Weekday = WeeklyTime['days'][number];

/** From Monday, as in ISO 8601. */
export const DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const DAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Minutes of a week from Monday, 00:00; `true`: quiet. */
export type Week = readonly boolean[];

const EMPTY: Week = Array.from({ length: WEEK_MINUTES }, () => false);

/** Returns the minutes that weekly times cover. Times that reach into the next week wrap around. */
export function weekOf(times: readonly WeeklyTime[]): Week {
  const week = [...EMPTY];
  for (const { days, from, to } of times) {
    const start = minuteOf(from);
    // At or before its start, it ends on the next day.
    const length = minuteOf(to) - start + (minuteOf(to) <= start ? DAY_MINUTES : 0);
    for (const day of days) {
      const first = DAYS.indexOf(day) * DAY_MINUTES + start;
      for (let minute = first; minute < first + length; minute++) week[minute % WEEK_MINUTES] = true;
    }
  }
  return week;
}

/** Returns weekly times that cover these minutes. What lasts over a day is split at midnight. */
export function weeklyTimes(week: Week): readonly WeeklyTime[] {
  const days = new Map<string, number[]>();
  const add = (first: number, length: number) => {
    const start = first % DAY_MINUTES;
    const key = `${timeOf(start)} ${timeOf((start + length) % DAY_MINUTES)}`;
    const day = Math.floor(first / DAY_MINUTES) % DAYS.length;
    days.set(key, [...(days.get(key) ?? []), day]);
  };
  for (let [first, length] of runsOf(week)) {
    while (length > DAY_MINUTES) {
      const untilMidnight = DAY_MINUTES - (first % DAY_MINUTES);
      add(first, untilMidnight);
      first += untilMidnight;
      length -= untilMidnight;
    }
    add(first, length);
  }
  return [...days].map(([key, numbers]) => {
    const [from = '', to = ''] = key.split(' ');
    return { type: 'weekly', days: numbers.sort((a, b) => a - b).map((day) => DAYS[day]!), from, to };
  });
}

/** Stretches of quiet minutes as start and length. The last one may reach into the next week. */
function runsOf(week: Week): [first: number, length: number][] {
  if (week.every(Boolean)) return [[0, WEEK_MINUTES]];
  const runs: [number, number][] = [];
  for (let minute = 0; minute < WEEK_MINUTES; minute++) {
    if (!week[minute] || week.at(minute - 1)) continue;
    let length = 1;
    while (week[(minute + length) % WEEK_MINUTES]) length++;
    runs.push([minute, length]);
  }
  return runs;
}

/** Returns which share of an hour is quiet, 0 to 1. */
export function quietShare(week: Week, day: number, hour: number): number {
  const first = day * DAY_MINUTES + hour * HOUR_MINUTES;
  let count = 0;
  for (let minute = first; minute < first + HOUR_MINUTES; minute++) if (week[minute]) count++;
  return count / HOUR_MINUTES;
}

/** Returns a week with an hour made quiet, or not. */
export function withHour(week: Week, day: number, hour: number, isQuiet: boolean): Week {
  const first = day * DAY_MINUTES + hour * HOUR_MINUTES;
  return week.with(first, isQuiet).fill(isQuiet, first, first + HOUR_MINUTES);
}

const minuteOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * HOUR_MINUTES + minutes;
};

const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / HOUR_MINUTES)).padStart(2, '0')}:${String(minute % HOUR_MINUTES).padStart(2, '0')}`;
