import type { HostId, Parameter, Schedule, ShownSchedule } from '@booner/protocol';
import { expect, test } from 'vitest';
import { findScheduleIssues, newSchedule, scheduleBody, scheduleDraft } from './schedule-draft.ts';

const SCHEDULE: Schedule = {
  enabled: true,
  cron: '0 3 * * *',
  timeZone: 'Europe/Berlin',
  action: 'backup',
  params: { path: '/srv' },
  selector: 'role=db',
  order: 'label:rack',
  batches: [1, '50%'],
  maxFailures: '5%',
  between: { waitSeconds: 30, healthy: false },
  offline: 'wait',
  offlineWaitSeconds: 60,
  overlap: 'queue',
  catchUp: 'last',
  jitterSeconds: 90,
  blackout: ['nights'],
  tooLongSeconds: 3600,
};
const PATH: Parameter = {
  ...{ name: 'path', description: '', required: true, type: 'string' },
  ...{ maxLength: 64, secret: false, allowLeadingDash: false },
};

const shown = (schedule: Schedule): ShownSchedule => ({
  ...{ name: 'nightly', schedule, words: '', nextAtMs: [], firings: [], createdBy: null },
  ...{ credentialId: null, changedAtMs: 0, paused: null, queuedAtMs: null },
});
const draftOf = (schedule: Schedule) => scheduleDraft(shown(schedule), 'UTC');

test('a schedule that is edited keeps everything that was not changed', () => {
  const others: Schedule[] = [
    {
      ...SCHEDULE,
      cron: undefined,
      timeZone: 'UTC',
      every: '1h',
      selector: undefined,
      host: '10.0.0.1' as HostId,
    },
    {
      ...SCHEDULE,
      cron: undefined,
      timeZone: 'UTC',
      at: '2026-12-01T22:00:30Z',
      tooLongSeconds: undefined,
    },
  ];
  for (const schedule of [SCHEDULE, ...others]) {
    const body = scheduleBody(draftOf(schedule), [PATH], schedule);
    expect({ timeZone: 'UTC', ...body }).toEqual(schedule);
    expect(scheduleBody(draftOf(schedule), null, schedule).params).toEqual({ path: '/srv' });
  }
});

test('a change of the kind of time and of the targets leaves out what they were', () => {
  const draft = { ...draftOf(SCHEDULE), when: 'every', where: 'host', host: '10.0.0.1' } as const;
  const body = scheduleBody({ ...draft, tooLong: '' }, [PATH], SCHEDULE);
  expect(JSON.parse(JSON.stringify(body))).not.toHaveProperty('tooLongSeconds');
  expect(Object.keys(body)).not.toContain('cron');
  expect(Object.keys(body)).not.toContain('selector');
  expect(body).toMatchObject({ every: '1h', host: '10.0.0.1', order: 'label:rack' });
});

test('what the page can tell stands at its field', () => {
  const draft = {
    ...newSchedule('UTC'),
    when: 'at',
    where: 'host',
    jitter: 'soon',
    tooLong: '1 hour',
  } as const;
  const fields = ['at', 'action', 'host', 'jitterSeconds', 'tooLongSeconds'];
  expect(Object.keys(findScheduleIssues(draft))).toEqual(fields);
  const fine = { ...newSchedule('UTC'), action: 'backup', selector: '*' };
  expect(findScheduleIssues(fine)).toEqual({});
});
