import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskMap } from '@booner/protocol';
import { eventually, type HubProcess, openTaskClient, startHub } from '@booner/testkit';
import { expect, it } from 'vitest';

async function createTask(hub: HubProcess, action: string, params = {}): Promise<string> {
  const answer = await hub.get('/tasks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ host: '127.0.0.1', action, params }),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { task_id: string }).task_id;
}

const untilOffered = (hub: HubProcess, action: string) =>
  eventually(async () => (await (await hub.get('/targets/127.0.0.1/actions')).text()).includes(action), {
    what: `${action} to be offered`,
  });

it('runs its examples after a plain start, watched by a client of version 1', async () => {
  await using hub = await startHub();
  using client = await openTaskClient(hub.url, { version: 1 });
  await untilOffered(hub, 'countdown');
  const countdown = await createTask(hub, 'countdown', { seconds: 1 });
  const failing = await createTask(hub, 'failing-deploy');
  const usage = await createTask(hub, 'disk-usage', { folder: '/etc' });
  const stateOf = (id: string): TaskMap[string] | undefined => client.latest()?.[id];
  await eventually(
    () => [countdown, failing, usage].every((id) => /completed|failed/.test(stateOf(id)?.status ?? '')),
    { what: 'the examples to end' },
  );
  expect(stateOf(countdown)).toEqual({ status: 'completed', result: { details: 'Counted down from 1' } });
  expect(stateOf(failing)).toEqual({ status: 'failed', error: 'Failed to deploy: Connection refused' });
  expect(stateOf(usage)).toEqual({
    status: 'completed',
    result: { folder: '/etc', usedKibibytes: expect.any(Number) },
  });
  const seen = client.received.flatMap(({ message }) => message[countdown]?.status ?? []);
  expect([...new Set(seen)]).toEqual(['queued', 'running', 'completed']);
});

it('cancels an example, and no process of it is left', async () => {
  await using hub = await startHub();
  await untilOffered(hub, 'countdown');
  const id = await createTask(hub, 'countdown', { seconds: 600 });
  const task = async () => (await (await hub.get(`/tasks/${id}`)).json()) as { status: string };
  await eventually(async () => (await task()).status === 'running', {
    what: 'the countdown to run',
  });
  expect((await hub.get(`/tasks/${id}/cancel`, { method: 'POST' })).status).toBe(202);
  await eventually(async () => (await task()).status === 'cancelled', {
    what: 'the countdown to be cancelled',
  });
});

it('runs tasks although the folder for temporary files cannot be written, as in a read-only container', async () => {
  const state = await mkdtemp(join(tmpdir(), 'booner-state-'));
  try {
    await using hub = await startHub({ env: { TMPDIR: join(state, 'nowhere'), BOONER_STATE_DIR: state } });
    await untilOffered(hub, 'countdown');
    const id = await createTask(hub, 'countdown', { seconds: 1 });
    const ended = await eventually(
      async () => {
        const task = (await (await hub.get(`/tasks/${id}`)).json()) as { status: string };
        return ['completed', 'failed'].includes(task.status) ? task : null;
      },
      { what: 'the end of the countdown' },
    );
    expect(ended).toMatchObject({ status: 'completed' });
    expect(await hub.stop()).toMatchObject({ code: 0 });
    expect(await readdir(state)).toEqual(['alert-secret', 'artefacts']);
  } finally {
    await rm(state, { recursive: true });
  }
});

it('ends its tasks within 5 s of SIGTERM, even one that ignores it and would rather finish', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'booner-actions-'));
  try {
    const script = `trap '' TERM; echo $$ > ${folder}/pid; while :; do sleep 1; done`;
    const action = { name: 'stubborn', command: ['sh', '-c', script], onStop: 'finish' };
    await writeFile(join(folder, 'stubborn.yaml'), JSON.stringify(action), { mode: 0o644 }); // JSON is YAML
    await using hub = await startHub({ env: { BOONER_ACTIONS_DIR: folder } });
    await untilOffered(hub, 'stubborn');
    await createTask(hub, 'stubborn');
    const pid = await eventually(
      async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '')),
      {
        what: 'the action to run',
      },
    );
    expect(await hub.stop()).toMatchObject({ code: 0 });
    expect(() => process.kill(Number(pid), 0)).toThrow(/ESRCH/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
