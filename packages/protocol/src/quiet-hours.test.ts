import { expect, it } from 'vitest';
import { quietHoursSchema } from './quiet-hours.ts';

const NIGHTS = {
  selector: 'env!=prod',
  timeZone: 'Europe/Berlin',
  times: [{ type: 'weekly', days: ['mon', 'tue'], from: '22:00', to: '07:00' }],
};

it('quiet hours have a selector, a time zone and times', () => {
  expect(quietHoursSchema.safeParse(NIGHTS).success).toBe(true);
});

it.each([
  [{ timeZone: 'Europe/Atlantis' }, 'timeZone'],
  [{ timeZone: '+01:00' }, 'timeZone'],
  [{ times: [] }, 'times'],
  [{ times: [{ type: 'weekly', days: [], from: '22:00', to: '07:00' }] }, 'times/0/days'],
  [{ times: [{ type: 'weekly', days: ['mon'], from: '24:00', to: '7:00' }] }, 'times/0/from'],
  [{ times: [{ type: 'once', from: 'tomorrow', until: '2026-12-01T00:00:00Z' }] }, 'times/0/from'],
  [
    { times: [{ type: 'once', from: '2026-12-01T00:00:00Z', until: '2026-12-01T00:30:00+01:00' }] },
    'times/0/until',
  ],
  [{ times: [{ type: 'cron', cron: '0 2 * * *', for: '0s' }] }, 'times/0/for'],
])('an issue names its field: %j', (change, path) => {
  const { error } = quietHoursSchema.safeParse({ ...NIGHTS, ...change });
  expect(error?.issues.map((issue) => issue.path.join('/'))).toContain(path);
});
