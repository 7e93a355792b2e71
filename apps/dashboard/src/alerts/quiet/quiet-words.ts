import type { QuietTime } from '@booner/protocol';
import { formatMinute } from '../../format/times.ts';
import { DAY_NAMES, DAYS, type WeeklyTime } from './week.ts';

/** Says when a time is: "Mon–Fri 22:00–07:00". */
export function quietTimeText(time: QuietTime): string {
  switch (time.type) {
    case 'weekly':
      return time.from === time.to && time.from === '00:00'
        ? `${daysText(time.days)}, all day`
        : `${daysText(time.days)} ${time.from}–${time.to}`;
    case 'cron':
      return `${time.cron} for ${time.for}`;
    case 'once':
      return `${formatMinute(Date.parse(time.from))} – ${formatMinute(Date.parse(time.until))}`;
    default:
      return time satisfies never;
  }
}

/** Three days and more in a row are a range. */
export function daysText(days: WeeklyTime['days']): string {
  if (days.length === DAYS.length) return 'Every day';
  const numbers = days.map((day) => DAYS.indexOf(day)).sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const day of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  const nameOf = (day: number) => DAY_NAMES[DAYS[day]!].slice(0, 3);
  return runs
    .map((run) => (run.length > 2 ? `${nameOf(run[0]!)}–${nameOf(run.at(-1)!)}` : run.map(nameOf).join(', ')))
    .join(', ');
}
