import { quietHoursSchema } from '@booner/protocol';
import { expect, test } from 'vitest';
import { newQuiet, quietBody, quietDraft } from './quiet-draft.ts';

test('the form of quiet hours saves them unchanged', () => {
  const quiet = quietHoursSchema.parse({
    selector: 'env!=prod',
    rules: ['disk-usage'],
    timeZone: 'Europe/Berlin',
    times: [
      { type: 'weekly', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:30', to: '07:00' },
      { type: 'cron', cron: '0 2 * * TUE#2', for: '4h' },
      { type: 'once', from: '2026-12-01T22:00:00.000Z', until: '2026-12-02T04:00:00.000Z' },
    ],
  });
  expect(quietHoursSchema.parse(quietBody(quietDraft(quiet)))).toEqual(quiet);
});

test('an empty week and unreadable times are left to the hub', () => {
  const draft = { ...newQuiet('UTC'), others: [{ type: 'once' as const, from: '', until: 'soon' }] };
  expect(quietBody(draft).times).toEqual([{ type: 'once', from: '', until: 'soon' }]);
  expect(quietHoursSchema.safeParse(quietBody(newQuiet('UTC'))).error?.issues[0]?.path).toEqual(['times']);
});
