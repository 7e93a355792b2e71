import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, openTaskClient, startAgent } from '@booner/testkit';
import { expect, it } from 'vitest';
import { waiting } from './actions.ts';
import { reportsOf } from './bus-view.ts';
import { processesOfTask } from './process-table.ts';
import { HOST, send, startTaskBed } from './task-bed.ts';

/** An end is reported again every 5 s, and a hub that was refused retries within 2 s. */
const RECOVERY_MS = 15_000;

it('a Redis at maxmemory refuses new tasks with the reason, ends are reported until they are stored, and metrics continue', async () => {
  await using bed = await startTaskBed({
    redis: { args: ['--maxmemory-policy', 'noeviction'] },
    actions: (directory) => ({
      first: waiting(join(directory, 'first')),
      second: waiting(join(directory, 'second')),
    }),
  });
  await using _agent = await startAgent({
    redisUrl: bed.redis.url,
    hostId: HOST,
    env: { BOONER_INTERVAL_MS: '500' },
  });
  for (const name of ['first', 'second']) await mkdir(join(bed.directory, name));
  const lastSeenAtMs = async () => Number((await send(bed.hub, 'GET', `/targets/${HOST}`)).body.lastSeenAtMs);
  const untilSeenAfter = (atMs: number) =>
    eventually(async () => (await lastSeenAtMs()) > atMs, { what: 'a new sample' });
  const limitMemory = (bytes: number) => bed.operator.config('SET', 'maxmemory', bytes);
  using client = await openTaskClient(bed.hub.url, { version: 1 });
  await untilSeenAfter(0);
  const [first, second] = [await bed.create('first'), await bed.create('second')];
  for (const id of [first, second])
    await bed.until(id, 'its output to be reported', ({ logLines }) => logLines === 1);

  // The end of the first task is stored, and the hub is refused when it applies it; that of the
  // second is not even stored.
  await bed.hub.kill('SIGSTOP');
  await writeFile(join(bed.directory, 'first', 'go'), '');
  await eventually(async () => (await reportsOf(bed, first, 'end')).length > 0, {
    what: 'the first end to be reported',
  });
  await limitMemory(1);
  await bed.hub.kill('SIGCONT');
  await writeFile(join(bed.directory, 'second', 'go'), '');
  await eventually(async () => (await processesOfTask(second)).length === 0, {
    what: 'the second task to end on its target',
  });
  const refused = await send(bed.hub, 'POST', '/tasks', { body: { host: HOST, action: 'first' } });
  expect(refused).toMatchObject({ status: 503, body: { status: 503, title: 'Redis full' } });
  expect(refused.body.detail).toMatch(/^Redis has reached its memory limit/);
  await eventually(() => bed.hub.logs().some(({ msg }) => msg.startsWith('reports cannot be applied')), {
    what: 'the hub to be refused',
  });
  await eventually(() => bed.runner.logs().some(({ msg, task }) => msg === 'task ended' && task === second), {
    what: 'the second end to be reported without effect',
  });
  expect(bed.runner.logs().map(({ msg }) => msg)).toContain('Redis refused a write');
  await untilSeenAfter(Date.now());
  expect((await send(bed.hub, 'GET', '/readyz')).status).toBe(200);
  const running = { [first]: { status: 'running' }, [second]: { status: 'running' } };
  expect((await send(bed.hub, 'GET', '/tasks')).body).toEqual({ tasks: running });
  expect(client.latest()).toEqual(running);
  expect(await bed.operator.zcard('booner:tasks')).toBe(2);

  await limitMemory(0);
  for (const id of [first, second]) {
    expect(await bed.untilEnded(id, RECOVERY_MS)).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await bed.events(id)).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
  }
  expect((await bed.log(second)).map(({ text }) => text)).toEqual(['running', 'done']);
  await eventually(() => client.latest()?.[second]?.status === 'completed', {
    what: 'the end',
  });
  expect(await bed.untilEnded(await bed.create('first'))).toMatchObject({ status: 'completed' });
});
