import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runnerKey } from '@booner/protocol/redis-names';
import { eventually, startProcess } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { HOST, startTestFleet } from './testing/test-fleet.ts';

const shell = (script: string, directory: string, more: object = {}) => ({
  command: ['sh', '-c', script, 'sh', directory],
  ...more,
});
/**
 * Notes its process id among the `starts`, and goes on until the file `go` is there, or the
 * directory is not.
 */
const WAIT =
  'echo $$ >> "$1/starts"; echo running; while [ -d "$1" ] && [ ! -e "$1/go" ]; do sleep 0.05; done; echo done';

/** Zombies do not count: in a container their parent may never wait for them. */
const isAlive = (pid: string): boolean =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function redisCli(port: number, ...args: readonly string[]): Promise<void> {
  await using cli = await startProcess({ command: 'redis-cli', args: ['-p', `${port}`, ...args] });
  expect((await cli.exited).code).toBe(0);
}

describe('a runner', () => {
  it('runs a task of its host', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ hello: shell('echo "::progress 50 Half"; echo hello', directory) }),
    });
    const id = await fleet.create('hello');
    expect(await fleet.untilEnded(id)).toMatchObject({
      status: 'completed',
      result: { details: 'hello' },
      progressPercent: 100,
      logLines: 1,
    });
    expect((await fleet.tasks.readLogTail(id, 10)).lines).toEqual([
      { line: 1, stream: 'stdout', text: 'hello' },
    ]);
  });

  it('ends what is left of a run that it was killed in, and never runs it again', async () => {
    const script = `setsid sh -c 'echo $$ > "$1/child"; while [ -d "$1" ]; do sleep 0.05; done' sh "$1" & ${WAIT}`;
    await using fleet = await startTestFleet({
      actions: (directory) => ({ wait: shell(script, directory) }),
    });
    const id = await fleet.create('wait');
    const [pid = ''] = await fleet.linesOf('starts');
    const [child = ''] = await fleet.linesOf('child');
    await fleet.runner.kill('SIGKILL');
    expect([pid, child].map(isAlive)).toEqual([true, true]);
    await fleet.runner.restart();
    expect(await fleet.untilEnded(id)).toMatchObject({
      status: 'failed',
      error: 'runner restarted while the task ran',
      attempt: 1,
    });
    expect([pid, child].map(isAlive)).toEqual([false, false]);
    await eventually(
      async () => (await readdir(join(fleet.runner.stateDirectory, 'runs'))).join() === 'lock',
      {
        what: 'the directory of the run to be removed',
      },
    );
    // The next task is run by the same runner, and the first one is not run beside it.
    await writeFile(join(fleet.directory, 'go'), '');
    expect(await fleet.untilEnded(await fleet.create('wait'))).toMatchObject({ status: 'completed' });
    expect((await fleet.linesOf('starts')).length).toBe(2);
  });

  it('starts an idempotent run again that it was killed in', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ wait: shell(WAIT, directory, { idempotent: true }) }),
    });
    const id = await fleet.create('wait');
    const [pid = ''] = await fleet.linesOf('starts');
    await fleet.runner.kill('SIGKILL');
    await fleet.runner.restart();
    await eventually(async () => (await fleet.linesOf('starts')).length === 2, {
      what: 'the second start',
    });
    expect(isAlive(pid)).toBe(false);
    await writeFile(join(fleet.directory, 'go'), '');
    expect(await fleet.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  it('runs a task once if it was killed between its grant and the journal', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ once: shell('echo $$ >> "$1/starts"', directory) }),
    });
    fleet.hub.holdsClaims = true;
    const id = await fleet.create('once');
    await eventually(() => fleet.hub.holdsOne, { what: 'the claim' });
    fleet.proxy.pause(); // the grant will not get through
    fleet.hub.holdsClaims = false;
    await fleet.until(id, 'the grant', ({ status }) => status === 'running');
    await fleet.runner.kill('SIGKILL');
    fleet.proxy.cut();
    fleet.proxy.resume();
    await fleet.runner.restart();
    expect(await fleet.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2 });
    expect((await fleet.linesOf('starts')).length).toBe(1);
  });

  it('reports an end that it reached while Redis was unreachable', async () => {
    await using fleet = await startTestFleet({ actions: (directory) => ({ wait: shell(WAIT, directory) }) });
    const id = await fleet.create('wait');
    await fleet.linesOf('starts');
    await fleet.until(id, 'its first line in Redis', ({ logLines }) => logLines === 1);
    await fleet.redis.stop();
    await writeFile(join(fleet.directory, 'go'), '');
    await eventually(() => fleet.runner.logs().some(({ msg }) => msg === 'task ended'), {
      what: 'the end at the runner',
    });
    await fleet.redis.restart();
    expect(await fleet.untilEnded(id)).toMatchObject({ status: 'completed', result: { details: 'done' } });
    const { lines } = await fleet.tasks.readLogTail(id, 10);
    expect(lines.map(({ text }) => text)).toEqual(['running', 'done']);
  });

  it('does not run a task again whose end Redis has lost', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ once: shell('echo $$ >> "$1/starts"; echo done', directory) }),
    });
    const id = await fleet.create('once');
    await fleet.untilEnded(id);
    await redisCli(fleet.redis.port, 'flushall');
    await fleet.create('once', id);
    expect(await fleet.untilEnded(id)).toMatchObject({ status: 'completed', result: { details: 'done' } });
    expect((await fleet.linesOf('starts')).length).toBe(1);
  });

  it('ends a run that the hubs gave up on', async () => {
    const script =
      'echo $$ >> "$1/starts"; while [ -d "$1" ]; do echo "::progress 1 $(date +%N)"; sleep 0.1; done';
    await using fleet = await startTestFleet({
      actions: (directory) => ({ talk: shell(script, directory) }),
    });
    const id = await fleet.create('talk');
    const [pid = ''] = await fleet.linesOf('starts');
    await eventually(
      async () => {
        await redisCli(fleet.redis.port, 'del', runnerKey(HOST));
        return (await fleet.tasks.endLost(id, 1, 'agent lost')) === 'ended';
      },
      { what: 'the loss of the runner' },
    );
    await eventually(() => !isAlive(pid), { what: 'the end of the process' });
    expect(await fleet.tasks.read(id)).toMatchObject({ status: 'failed', error: 'agent lost' });
  });

  it('starts nothing if it cannot write its journal', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ once: shell('echo $$ >> "$1/starts"', directory) }),
    });
    expect(await fleet.untilEnded(await fleet.create('once'))).toMatchObject({ status: 'completed' });
    // As on a full disk: files of the runner cannot grow from now on.
    await using limit = await startProcess({
      command: 'prlimit',
      args: ['--pid', `${fleet.runner.pid}`, '--fsize=1:1'],
    });
    expect((await limit.exited).code).toBe(0);
    expect(await fleet.untilEnded(await fleet.create('once'))).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^not started: the runner cannot write its journal: EFBIG/),
    });
    expect((await fleet.linesOf('starts')).length).toBe(1);
  });

  it('leaves a host to the runner that serves it, and says so', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ once: shell('echo $$ >> "$1/starts"', directory) }),
    });
    await eventually(() => fleet.tasks.readRunner(HOST), {
      what: 'the presence of the first',
    });
    await using other = await fleet.startAnother();
    await eventually(
      () => other.logs().some(({ msg }) => msg.startsWith('another runner serves this host')),
      {
        what: 'the complaint of the second',
      },
    );
    expect(await fleet.untilEnded(await fleet.create('once'))).toMatchObject({ status: 'completed' });
    expect(other.logs().some(({ msg }) => msg === 'task started')).toBe(false);
  });

  it('lets a run finish at a stop that takes longer than other daemons have', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ slow: shell('echo $$ >> "$1/starts"; sleep 6; echo done', directory) }),
    });
    const id = await fleet.create('slow');
    await fleet.linesOf('starts');
    expect(await fleet.runner.stop()).toEqual({ code: 0, signal: null });
    expect(await fleet.tasks.read(id)).toMatchObject({ status: 'completed', result: { details: 'done' } });
    expect(await fleet.tasks.readRunner(HOST)).toBeNull();
  });

  it('fails a run with onStop fail at a stop, and exits within 5 s', async () => {
    await using fleet = await startTestFleet({
      actions: (directory) => ({ wait: shell(WAIT, directory, { onStop: 'fail' }) }),
    });
    const id = await fleet.create('wait');
    const [pid = ''] = await fleet.linesOf('starts');
    expect(await fleet.runner.stop()).toEqual({ code: 0, signal: null });
    expect(await fleet.tasks.read(id)).toMatchObject({ status: 'failed', error: 'the runner was stopped' });
    expect(isAlive(pid)).toBe(false);
  });
});
