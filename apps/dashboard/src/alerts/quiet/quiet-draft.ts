import type { QuietHours, QuietHoursList } from '@booner/protocol';
import { type Week, weeklyTimes, weekOf } from './week.ts';

export type ListedQuietHours = QuietHoursList['quietHours'][number];

/** A time that does not come back each week, as its form has it. */
export type OtherTime =
  | { readonly type: 'cron'; readonly cron: string; readonly for: string }
  /** In the reader's time zone, as fields of the type `datetime-local` have them. */
  | { readonly type: 'once'; readonly from: string; readonly until: string };

export type QuietDraft = {
  readonly selector: string;
  readonly rules: readonly string[];
  readonly timeZone: string;
  readonly week: Week;
  readonly others: readonly OtherTime[];
};

/** @param timeZone of the reader */
export const newQuiet = (timeZone: string): QuietDraft => ({
  selector: '*',
  rules: [],
  timeZone,
  week: weekOf([]),
  others: [],
});

export function quietDraft({ selector, rules = [], timeZone, times }: QuietHours): QuietDraft {
  return {
    selector,
    rules,
    timeZone,
    week: weekOf(times.filter((time) => time.type === 'weekly')),
    others: times.flatMap((time): readonly OtherTime[] => {
      if (time.type === 'weekly') return [];
      if (time.type === 'cron') return [time];
      return [{ type: 'once', from: localTime(time.from), until: localTime(time.until) }];
    }),
  };
}

/** Returns the body of `PUT /quiet-hours/:name`. Weekly times come first. */
export function quietBody({ selector, rules, timeZone, week, others }: QuietDraft) {
  return {
    selector: selector.trim(),
    ...(rules.length > 0 && { rules }),
    timeZone: timeZone.trim(),
    times: [
      ...weeklyTimes(week),
      ...others.map((time) =>
        time.type === 'cron'
          ? { type: time.type, cron: time.cron.trim(), for: time.for.trim() }
          : { type: time.type, from: instant(time.from), until: instant(time.until) },
      ),
    ],
  };
}

/** `2026-12-01T22:00` in the reader's time zone. */
function localTime(text: string): string {
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Returns a time in ISO 8601. Other text is left as it is: the hub's error says what is wrong.
 */
function instant(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}
