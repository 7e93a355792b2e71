import type { HostId, ScheduleList, ShownSchedule } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { ask } from '../access/asking.ts';
import { DEPLOY, startRolloutBed } from '../rollouts/rollout-bed.ts';
import { boonerFor } from './booner.ts';

it('sets, lists, shows, pauses, resumes and removes schedules', async () => {
  await using bed = await startRolloutBed({ hosts: 1 });
  const [host] = bed.names as [HostId];
  const deploy = { ...DEPLOY, schedulable: true };
  bed.hosts.get(host)?.offer([deploy, { ...deploy, name: 'manual', schedulable: false }]);
  const offers = async () => {
    const { json } = await ask(bed.hub, 'GET', `/targets/${host}/actions`);
    return json.actions?.length === 2;
  };
  await eventually(offers, { what: 'the actions' });
  await using booner = await boonerFor(bed.hub.url);
  const deploying = ['--action', 'web.deploy', '-l', 'role=web', '-p', 'version=v2'];
  const set = (name: string, ...options: readonly string[]) => ['schedule', 'set', name, ...options];
  const berlin = ['--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin'];

  const [nightly, often, badCron, manual, unknown] = await Promise.all([
    booner.run(set('nightly', ...berlin, '--action', 'web.deploy', '--host', host, '-p', 'version=2')),
    booner.json<ShownSchedule>(set('often', '--cron', '* * * * * *', ...deploying, '--jitter', '1')),
    booner.run(set('wrong', '--cron', '61 * * * *', ...deploying)),
    booner.run(set('wrong', '--every', '1h', '--action', 'manual', '-l', 'role=web')),
    booner.run(['schedule', 'show', 'wrong']),
  ]);
  expect(nightly).toMatchObject({ code: 0, stderr: '' });
  expect(nightly.stdout).toMatch(
    /^nightly: At 03:00, every day \(Europe\/Berlin\)\nNext times \(.+\):\n( {2}\d{4}-\d\d-\d\d [\d:]{8} {2}in \d+ \w+\n){5}$/,
  );
  expect(often.schedule).toMatchObject({ params: { version: 'v2' }, selector: 'role=web', jitterSeconds: 1 });
  for (const [{ code, stderr }, exitCode, why] of [
    [badCron, 2, 'booner: cron must be a cron expression, such as "0 3 * * *"'],
    [manual, 2, 'its file must say schedulable: true'],
    [unknown, 5, 'No schedule has this name'],
  ] as const) {
    expect(stderr).toContain(why);
    expect(code).toBe(exitCode);
  }

  const fired = async () =>
    (await ask(bed.hub, 'GET', '/schedules/often')).json.firings.some(
      ({ status }: { status: string | null }) => status === 'completed',
    );
  await eventually(fired, { what: 'a firing that has completed' });
  const paused = await booner.run(['schedule', 'pause', 'often']);
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/^often: paused by .+\n$/) });
  const [shown, table, { schedules }, unasked] = await Promise.all([
    booner.run(['schedule', 'show', 'often']),
    booner.run(['schedule', 'list']),
    booner.json<ScheduleList>(['schedule', 'list']),
    booner.run(['schedule', 'remove', 'often']),
  ]);
  expect(shown.stdout).toMatch(/^state +paused by /m);
  expect(shown.stdout).toMatch(/^param version +v2$/m);
  expect(shown.stdout).toContain('\nNext times: none\n\nLast firings:\nDUE ');
  const { rolloutId } = schedules
    .find(({ name }) => name === 'often')!
    .firings.findLast(({ status }) => status === 'completed')!;
  expect(shown.stdout).toMatch(new RegExp(`^[\\d-]{10} [\\d:]{8}  completed +\\d+ \\w+  ${rolloutId}$`, 'm'));
  expect(table.stdout).toMatch(
    /^NAME +FIRES +ACTION +NEXT +LAST +STATE\nnightly +At 03:00, .* active\noften /,
  );
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --yes to continue') });

  const resumed = await booner.run(['schedule', 'resume', 'often']);
  expect(resumed.stdout).toMatch(/^often: active\nNext times \(.+\):\n( {2}[\d-]{10} [\d:]{8} {2}.*\n){5}$/);
  const asked = booner.start(['schedule', 'remove', 'often'], { inTerminal: true });
  await eventually(() => asked.stdout().includes('Remove the schedule often? [y/N]'), {
    what: 'the question',
  });
  asked.write('y\r');
  expect(await asked.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Removed often') });
  expect(await booner.json(['schedule', 'remove', 'nightly', '--yes'])).toEqual({ removed: 'nightly' });
  expect(await booner.run(['schedule', 'list'])).toMatchObject({
    ...{ code: 0, stdout: '', stderr: expect.stringContaining('No schedules.') },
  });
});
