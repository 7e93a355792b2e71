import type { NewSchedule, Parameter, Schedule, ShownSchedule } from '@booner/protocol';
import { localText, readLocal } from '../../history/local-time.ts';
import { type Issues, NOT_A_DURATION, readSeconds } from '../../rollout-fields/request-draft.ts';
import {
  findTriggerIssues,
  NEW_TRIGGER,
  type TriggerDraft,
  triggerBody,
  triggerDraft,
  triggerFields,
} from '../../triggers/trigger-draft.ts';

/** A schedule as its form has it: texts as they were typed. */
export type ScheduleDraft = TriggerDraft & {
  readonly when: 'cron' | 'every' | 'at';
  readonly cron: string;
  readonly timeZone: string;
  readonly every: string;
  /** Text of an input of the type `datetime-local`. */
  readonly at: string;
  readonly overlap: Schedule['overlap'];
  readonly catchUp: Schedule['catchUp'];
  readonly jitter: string;
  readonly blackout: readonly string[];
  readonly tooLong: string;
  readonly enabled: boolean;
};

export const newSchedule = (timeZone: string): ScheduleDraft => ({
  ...NEW_TRIGGER,
  when: 'cron',
  cron: '0 3 * * *',
  timeZone,
  every: '1h',
  at: '',
  overlap: 'skip',
  catchUp: 'none',
  jitter: '0s',
  blackout: [],
  tooLong: '',
  enabled: true,
});

/** Returns a schedule as its form begins with it. */
export function scheduleDraft({ name, schedule }: ShownSchedule, timeZone: string): ScheduleDraft {
  const { cron, every, at, jitterSeconds, tooLongSeconds } = schedule;
  const empty = newSchedule(timeZone);
  return {
    ...empty,
    ...triggerDraft(name, schedule),
    when: cron !== undefined ? 'cron' : every !== undefined ? 'every' : 'at',
    ...(cron !== undefined && { cron, timeZone: schedule.timeZone }),
    every: every ?? empty.every,
    at: at === undefined ? '' : localText(Date.parse(at)),
    overlap: schedule.overlap,
    catchUp: schedule.catchUp,
    jitter: durationText(jitterSeconds),
    blackout: schedule.blackout,
    tooLong: tooLongSeconds === undefined ? '' : durationText(tooLongSeconds),
    enabled: schedule.enabled,
  };
}

/**
 * Returns the body of `PUT /schedules/:name`. A text that cannot be read is sent as it is: the hub
 * says what is wrong with it.
 * @param parameters those of the action as targets offer it; `null` while they are not known
 * @param before the schedule that is edited, whose other settings stay
 */
export function scheduleBody(
  draft: ScheduleDraft,
  parameters: readonly Parameter[] | null,
  before: Schedule | null,
): NewSchedule {
  const {
    cron: _,
    every: __,
    at: ___,
    timeZone: ____,
    selector: _____,
    host: ______,
    ...kept
  } = before ?? {};
  const { overlap, catchUp, blackout, enabled } = draft;
  return {
    ...kept,
    ...timesOf(draft, before),
    ...triggerBody(draft, parameters),
    overlap,
    catchUp,
    jitterSeconds: readSeconds(draft.jitter),
    blackout,
    // Absent in JSON while undefined.
    tooLongSeconds: draft.tooLong.trim() === '' ? undefined : readSeconds(draft.tooLong),
    enabled,
  } as NewSchedule;
}

function timesOf({ when, cron, timeZone, every, at }: ScheduleDraft, before: Schedule | null) {
  if (when === 'cron') return { cron: cron.trim(), timeZone: timeZone.trim() };
  if (when === 'every') return { every: every.trim() };
  // The input has no seconds.
  if (before?.at !== undefined && localText(Date.parse(before.at)) === at) return { at: before.at };
  const atMs = readLocal(at);
  return { at: atMs === undefined ? at : new Date(atMs).toISOString() };
}

/** Returns what can be said about a draft without the hub, by field. */
export function findScheduleIssues(draft: ScheduleDraft): Issues {
  const { when, at, jitter, tooLong } = draft;
  const isNoDuration = (text: string) => typeof readSeconds(text) === 'string';
  return {
    ...(when === 'at' && readLocal(at) === undefined && { at: 'Choose a date and a time.' }),
    ...findTriggerIssues(draft),
    ...(isNoDuration(jitter) && { jitterSeconds: NOT_A_DURATION }),
    ...(isNoDuration(tooLong) && { tooLongSeconds: NOT_A_DURATION }),
  };
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const scheduleFields = (parameters: readonly Parameter[] | null): readonly string[] => [
  ...triggerFields(parameters),
  'cron',
  'timeZone',
  'every',
  'at',
  'overlap',
  'catchUp',
  'jitterSeconds',
  'blackout',
  'tooLongSeconds',
];

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Writes seconds as `parseDuration` reads them. */
function durationText(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const [sign, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest %= length;
    if (count > 0) text += `${count}${sign}`;
  }
  return text === '' ? '0s' : text;
}
