import type { HostId, Rollout, RolloutList, RolloutPlan } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { COMPLETED, failed, startRolloutBed } from '../rollouts/rollout-bed.ts';
import { boonerFor } from './booner.ts';

it('plans, starts, watches, steers, shows, lists and rolls back rollouts', async () => {
  const broken = new Set<HostId>();
  const held: (() => void)[] = [];
  let isHolding = false;
  await using bed = await startRolloutBed({
    hosts: 3,
    async run({ host }) {
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
      return broken.has(host) ? failed('exit code 1: cannot bind port 80') : COMPLETED;
    },
  });
  await using booner = await boonerFor(bed.hub.url);
  const [first, second, third] = bed.names as [HostId, HostId, HostId];
  const deploy = ['web.deploy', '-l', 'role=web', '-p', 'version=v2', '--batches', '1,2', '--order', 'host'];
  const start = ['rollout', 'start', ...deploy];

  const [planned, plan, unselected, emptyOne, unmatched, unasked] = await Promise.all([
    booner.run(['rollout', 'plan', ...deploy]),
    booner.json<RolloutPlan>(['rollout', 'plan', ...deploy]),
    booner.run(['rollout', 'start', 'web.deploy', '--yes']),
    booner.run(['rollout', 'start', 'web.deploy', '--yes', '--selector', '']),
    booner.run(['rollout', 'start', 'web.deploy', '--yes', '-l', 'role=nothing']),
    booner.run(start),
  ]);
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  expect(planned.stdout).toMatch(
    new RegExp(`BATCH +HOST +STATE\n +1 +${first} +ready\n +2 +${second} +ready`),
  );
  expect(planned.stdout).toContain('Would run web.deploy on 3 of 3 targets, in 2 batches (1, 2).');
  expect(planned.stdout).toContain('No estimate: no task of this action has completed yet.');
  expect(plan).toMatchObject({
    batches: [1, 2],
    hosts: [{ host: first }, { host: second }, { host: third }],
  });
  for (const [{ code, stderr }, why] of [
    [unselected, '--selector is missing'],
    [emptyOne, 'the selector is empty, so it selects nothing'],
    [unmatched, 'no target matches the selector'],
    [unasked, 'pass --yes to continue without a question'],
  ] as const) {
    expect(stderr).toContain(why);
    expect(code).toBe(2);
  }
  expect(emptyOne.stderr).toContain("--selector '*' for every target");
  expect(bed.started).toEqual([]);

  const green = await booner.run([...start, '--yes']);
  expect(green.stderr).toMatch(/Would run web\.deploy on 3 of 3 targets.*Rollout [\w-]{21}\n$/s);
  expect(green.stdout.trimEnd().split('\n').at(-1)).toBe('completed: 3/3 done, batch 2 of 2');
  expect(green.code).toBe(0);

  broken.add(second);
  const red = await booner.json<Rollout>([...start, '--yes'], { code: 1 });
  expect(red).toMatchObject({ status: 'failed', counts: { completed: 2, failed: 1 } });
  const shown = await booner.run(['rollout', 'show', red.id]);
  const failedTask = red.hosts[1]?.taskId;
  expect(shown.stdout).toMatch(/^status +failed$/m);
  expect(shown.stdout).toContain(
    `failed (1)\n  exit code 1: cannot bind port 80 (1)\n    ${second}  task ${failedTask}\n`,
  );
  expect(shown.stdout).toContain(`completed (2)\n  ${first}  task `);
  const watched = await booner.run(['rollout', 'watch', red.id]);
  expect(watched).toMatchObject({ code: 1, stdout: expect.stringContaining('failed: 3/3 done, 1 failed') });

  isHolding = true;
  const agreeing = booner.start(start, { inTerminal: true });
  await eventually(() => agreeing.stdout().includes('Start this rollout on 3 targets? [y/N]'), {
    what: 'the question',
  });
  agreeing.write('y\r');
  await eventually(() => /0\/3 done, 1 running, batch 1 of 2/.test(agreeing.stdout()), {
    what: 'the bar',
  });
  const [id = ''] = /(?<=Rollout )[\w-]{21}/.exec(agreeing.stdout()) ?? [];
  const watching = booner.start(['rollout', 'watch', id]);
  await eventually(() => watching.stdout().includes('running: 0/3 done'), { what: 'the watch' });
  expect((await booner.run(['rollout', 'pause', id])).stdout).toBe(
    `Rollout ${id}: paused, 0/3 done, 1 running\n`,
  );
  await eventually(() => agreeing.stdout().includes('paused by request'), { what: 'the pause' });
  watching.kill('SIGINT');
  expect(await watching.ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('the rollout continues'),
  });
  broken.clear();
  isHolding = false;
  for (const release of held) release();
  expect((await booner.run(['rollout', 'resume', id])).code).toBe(0);
  expect(await agreeing.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(': 3/3 done, batch 2 of 2'),
  });

  const { rollout_id: back } = await booner.json<{ rollout_id: string }>([
    ...['rollout', 'rollback', id, 'web.deploy', '-p', 'version=v1'],
  ]);
  const [ended, { rollouts }, table, refused] = await Promise.all([
    booner.run(['rollout', 'watch', back]),
    booner.json<RolloutList>(['rollout', 'list', '-n', '2']),
    booner.run(['rollout', 'list']),
    booner.run(['rollout', 'approve', id]),
  ]);
  expect(ended.code).toBe(0);
  expect(rollouts).toMatchObject([{ id: back, rollbackOf: id }, { id }]);
  expect(table.stdout).toMatch(new RegExp(`^${red.id}  failed +web\\.deploy +role=web +3/3 +1 `, 'm'));
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('does not wait for an approval'),
  });
});
