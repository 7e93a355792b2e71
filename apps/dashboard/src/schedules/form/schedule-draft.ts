import type { JsonObject, NewSchedule, Parameter, Schedule, ShownSchedule } from '@booner/protocol';
import { localText, readLocal } from '../../history/local-time.ts';
import { NOT_A_DURATION, readAmount, readBatches, readSeconds } from '../../rollout-fields/request-draft.ts';
import { type FormValues, initialValues, paramsOf } from '../../run/form-values.ts';

/** A schedule as its form has it: texts as they were typed. */
export type ScheduleDraft = {
  readonly name: string;
  readonly when: 'cron' | 'every' | 'at';
  readonly cron: string;
  readonly timeZone: string;
  readonly every: string;
  /** Text of an input of the type `datetime-local`. */
  readonly at: string;
  readonly action: string;
  /** Parameters of the schedule that is edited; none once the action has changed. */
  readonly given: JsonObject;
  /** Values that were entered. */
  readonly params: FormValues;
  readonly where: 'selector' | 'host';
  readonly selector: string;
  readonly host: string;
  readonly batches: string;
  readonly maxFailures: string;
  readonly overlap: Schedule['overlap'];
  readonly catchUp: Schedule['catchUp'];
  readonly jitter: string;
  readonly blackout: readonly string[];
  readonly tooLong: string;
  readonly enabled: boolean;
};

export const newSchedule = (timeZone: string): ScheduleDraft => ({
  name: '',
  when: 'cron',
  cron: '0 3 * * *',
  timeZone,
  every: '1h',
  at: '',
  action: '',
  given: {},
  params: {},
  where: 'selector',
  selector: '',
  host: '',
  batches: '100%',
  maxFailures: '0',
  overlap: 'skip',
  catchUp: 'none',
  jitter: '0s',
  blackout: [],
  tooLong: '',
  enabled: true,
});

/** Returns a schedule as its form begins with it. */
export function scheduleDraft({ name, schedule }: ShownSchedule, timeZone: string): ScheduleDraft {
  const { cron, every, at, host, selector, jitterSeconds, tooLongSeconds } = schedule;
  const empty = newSchedule(timeZone);
  return {
    ...empty,
    name,
    when: cron !== undefined ? 'cron' : every !== undefined ? 'every' : 'at',
    ...(cron !== undefined && { cron, timeZone: schedule.timeZone }),
    every: every ?? empty.every,
    at: at === undefined ? '' : localText(Date.parse(at)),
    action: schedule.action,
    given: schedule.params,
    where: host === undefined ? 'selector' : 'host',
    selector: selector ?? '',
    host: host ?? '',
    batches: schedule.batches.join(', '),
    maxFailures: String(schedule.maxFailures),
    overlap: schedule.overlap,
    catchUp: schedule.catchUp,
    jitter: durationText(jitterSeconds),
    blackout: schedule.blackout,
    tooLong: tooLongSeconds === undefined ? '' : durationText(tooLongSeconds),
    enabled: schedule.enabled,
  };
}

/** Returns the values of all parameters: what was entered, what the schedule had, and defaults. */
export const paramValues = (
  { given, params }: ScheduleDraft,
  parameters: readonly Parameter[],
): FormValues => ({ ...initialValues(parameters, given), ...params });

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
  const { where, action, overlap, catchUp, blackout, enabled } = draft;
  return {
    ...kept,
    ...timesOf(draft, before),
    action,
    params: parameters === null ? draft.given : paramsOf(parameters, paramValues(draft, parameters)),
    ...(where === 'host' ? { host: draft.host.trim() } : { selector: draft.selector.trim() }),
    batches: readBatches(draft.batches),
    maxFailures: readAmount(draft.maxFailures),
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
export function findScheduleIssues(draft: ScheduleDraft): Readonly<Record<string, string>> {
  const { when, at, action, where, host, jitter, tooLong } = draft;
  const isNoDuration = (text: string) => typeof readSeconds(text) === 'string';
  return {
    ...(when === 'at' && readLocal(at) === undefined && { at: 'Choose a date and a time.' }),
    ...(action === '' && { action: 'Choose an action.' }),
    ...(where === 'host' && host.trim() === '' && { host: 'Enter a host.' }),
    ...(isNoDuration(jitter) && { jitterSeconds: NOT_A_DURATION }),
    ...(isNoDuration(tooLong) && { tooLongSeconds: NOT_A_DURATION }),
  };
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const scheduleFields = (parameters: readonly Parameter[]): readonly string[] => [
  ...parameters.map(({ name }) => `params/${name}`),
  'params',
  'name',
  'cron',
  'timeZone',
  'every',
  'at',
  'action',
  'selector',
  'host',
  'batches',
  'maxFailures',
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
