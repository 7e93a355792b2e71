import { scheduleSchema } from '@booner/protocol';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addScheduleOptions, type ScheduleOptions, scheduleOf } from './schedule-options.ts';

/** Parses a command line, and the schedule as the hub parses it. */
function scheduleFrom(...words: readonly string[]) {
  const command = addScheduleOptions(new Command('set'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(['--action', 'backup', ...words], { from: 'user' });
  const schedule = scheduleOf(command.opts<ScheduleOptions>(), { full: true });
  return scheduleSchema.parse(JSON.parse(JSON.stringify(schedule)));
}

it('sets the defaults of the hub', () => {
  expect(scheduleFrom('--cron', '0 3 * * *', '-l', ' role = db ')).toEqual({
    ...{ enabled: true, cron: '0 3 * * *', timeZone: 'UTC', action: 'backup', params: { full: true } },
    ...{ selector: 'role=db', order: 'hash', batches: ['100%'], maxFailures: 0, offline: 'skip' },
    ...{ offlineWaitSeconds: 3600, between: { waitSeconds: 0, healthy: true } },
    ...{ overlap: 'skip', catchUp: 'none', jitterSeconds: 0, blackout: [] },
  });
  expect(scheduleFrom('--every', '15m', '--host', '10.0.0.2')).toMatchObject({
    ...{ every: '15m', host: '10.0.0.2' },
  });
});

it('sends every option', () => {
  const schedule = scheduleFrom(
    ...['--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin', '-l', '*', '--batches', '1,50%'],
    ...['--max-failures', '5%', '--order', 'host', '--wait', '1m', '--no-health', '--check', 'smoke'],
    ...['--offline', 'fail', '--overlap', 'queue', '--catch-up', 'last', '--jitter', '90'],
    ...['--blackout', 'sales', '--blackout', 'nights', '--too-long', '1800'],
  );
  expect(schedule).toMatchObject({
    ...{ timeZone: 'Europe/Berlin', selector: '*', batches: [1, '50%'], maxFailures: '5%', order: 'host' },
    between: { waitSeconds: 60, healthy: false, check: { action: 'smoke' } },
    ...{ offline: 'fail', overlap: 'queue', catchUp: 'last', jitterSeconds: 90 },
    ...{ blackout: ['sales', 'nights'], tooLongSeconds: 1800 },
  });
});

const WHEN = ['--every', '1h'];
const WHERE = ['-l', 'role=db'];
it.each([
  [WHERE, 'exactly one of --cron, --every and --at'],
  [[...WHERE, ...WHEN, '--cron', '0 3 * * *'], 'exactly one of --cron, --every and --at'],
  [[...WHERE, ...WHEN, '--time-zone', 'UTC'], '--time-zone needs --cron'],
  [WHEN, 'exactly one of --selector and --host'],
  [[...WHEN, ...WHERE, '--host', '10.0.0.2'], 'exactly one of --selector and --host'],
  [[...WHEN, '-l', ''], 'the selector is empty'],
  [[...WHEN, ...WHERE, '--jitter', '3601'], 'whole number from 1 to 3600'],
  [[...WHEN, ...WHERE, '--overlap', 'kill'], 'Allowed choices are skip, queue'],
])('rejects %o', (words, why) => {
  expect(() => scheduleFrom(...words)).toThrow(why);
});
