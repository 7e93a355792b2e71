import type { Task } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FleetBed, startFleetBed } from './fleet-bed.ts';
import { startTask, untilEnded, untilTarget } from './fleet-state.ts';
import { addAction, lineFor, pasteLine, stealLogin, uninstallTarget } from './install-target.ts';
import { printJournals } from './journals.ts';
import type { Machine } from './machine.ts';
import { carriedOut } from './stolen-key.ts';
import { differenceOf, readTraces } from './traces.ts';

let bed: FleetBed;
let target: Machine;
let before: ReadonlyMap<string, string>;

beforeAll(async () => {
  bed = await startFleetBed({ targets: 1 });
  [target] = bed.fleet.targets as [Machine];
  before = await readTraces(target);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await printJournals([bed.fleet.hub, ...bed.fleet.targets]);
});
afterAll(() => bed?.[Symbol.asyncDispose]());

describe('one host', () => {
  it("is installed by the hub's install line, and becomes active", async () => {
    const line = await lineFor(bed.desk, target, 'game server');
    process.stdout.write(await pasteLine(target, line));
    await untilTarget(bed.desk, target.host, 'active');
    // Running the line again repairs the installation, although its key is used up.
    expect(await pasteLine(target, line)).not.toContain('Enrolment');
    await untilTarget(bed.desk, target.host, 'active');
  });

  it('lets the users of services read the folder of settings, whoever created it', async () => {
    await target.shell('chmod 700 /etc/booner');
    await pasteLine(target, await lineFor(bed.desk, target, 'game server', { replace: true }));
    expect(await target.shell('stat -c %a /etc/booner /etc/booner/credentials')).toBe('755\n700\n');
  });

  it('runs a task', async () => {
    await addAction(target, 'greet', 'echo hello from "$(hostname)"');
    const id = await startTask(bed.desk, target.host, 'greet');
    expect(await untilEnded(bed.desk, id)).toMatchObject({ status: 'completed' });
  });

  it('runs the steps of a task as services, one after the other, and cleans up after one that fails', async () => {
    const script = (text: string) => ['/bin/sh', '-c', text];
    const steps = [
      { name: 'first', command: script('echo first') },
      { name: 'fails', command: script('exit 3'), retry: { attempts: 2 } },
      { name: 'never', command: script('echo never') },
      { name: 'clean-up', command: script('echo cleaned'), always: true },
    ];
    await addAction(target, 'stepped', '', { command: undefined, steps });
    const id = await startTask(bed.desk, target.host, 'stepped');
    await untilEnded(bed.desk, id);
    const task = await bed.desk.get<Task>(`/tasks/${id}?version=2`);
    expect(task).toMatchObject({ status: 'failed', error: expect.stringContaining('step fails') });
    expect(task.steps?.map(({ name, status, attempts }) => [name, status, attempts])).toEqual([
      ['first', 'completed', 1],
      ['fails', 'failed', 2],
      ['never', 'skipped', 0],
      ['clean-up', 'completed', 1],
    ]);
  });

  it("runs a task as another account, whose directory lies below root's and is gone afterwards", async () => {
    await addAction(target, 'look', 'stat -c "%U %a %n" "$(dirname "$BOONER_RESULT_FILE")"', {
      user: 'nobody',
    });
    const task = await untilEnded(bed.desk, await startTask(bed.desk, target.host, 'look'));
    expect(task).toMatchObject({
      status: 'completed',
      result: { details: expect.stringMatching(/^nobody 700 \/run\/booner\/tasks\/booner-task-/) },
    });
    expect(await target.shell('stat -c "%U %a" /run/booner /run/booner/tasks')).toBe('root 755\nroot 711\n');
    await eventually(async () => (await target.shell('ls /run/booner/tasks')) === 'lock\n', {
      what: 'the directory of the run to be removed',
    });
  });

  it('restarts its agent by systemd after SIGKILL', async () => {
    const { sample } = await untilTarget(bed.desk, target.host, 'active');
    await target.exec(['systemctl', 'kill', '--signal=KILL', 'booner-agent']);
    await eventually(
      async () => {
        const again = await untilTarget(bed.desk, target.host, 'active');
        return again.sample?.instance !== sample?.instance;
      },
      { everyMs: 200, what: 'another instance of the agent' },
    );
  });

  it('cannot report for another with its own keys', async () => {
    for (const role of ['agent', 'runner'] as const) {
      const login = await stealLogin(target, role);
      expect(await bed.redis.cli(login, 'PING')).toBe('PONG');
      expect(await carriedOut(bed.redis, login, '10.0.0.3')).toEqual([]);
    }
  });

  it('gets new Redis passwords, which its services keep when they restart', async () => {
    const old = [await stealLogin(target, 'agent'), await stealLogin(target, 'runner')];
    expect(await bed.desk.ask('POST', `/targets/${target.host}/rotate`)).toMatchObject({
      status: 200,
      body: { host: target.host, roles: ['agent', 'runner'] },
    });
    for (const login of old) expect(await bed.redis.cli(login, 'PING')).toContain('WRONGPASS');
    const { sample } = await untilTarget(bed.desk, target.host, 'active');
    await target.exec(['systemctl', 'restart', 'booner-agent', 'booner-runner']);
    await eventually(
      async () => (await untilTarget(bed.desk, target.host, 'active')).sample?.instance !== sample?.instance,
      { everyMs: 200, what: 'the agent that was restarted' },
    );
    expect(await untilEnded(bed.desk, await startTask(bed.desk, target.host, 'greet'))).toMatchObject({
      status: 'completed',
    });
  });

  it('is as it was before, once uninstalled', async () => {
    process.stdout.write(await uninstallTarget(target));
    expect(differenceOf(before, await readTraces(target))).toEqual([]);
  });
});
