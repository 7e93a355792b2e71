import { type TaskId, taskMapSchema, taskSchema } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { COUNTDOWN, createTask, HOST, startTestHub } from '../testing/test-hub.ts';

describe('GET /tasks', () => {
  it('is the map of version 1 without a filter', async () => {
    await using hub = startTestHub();
    const id = await createTask(hub, { external: true, host: HOST, action: 'legacy' });
    await hub.ask('PATCH', `/tasks/${id}`, {
      status: 'failed',
      error: 'Failed to deploy: Connection refused',
    });
    await hub.settle();
    const { json } = await hub.ask('GET', '/tasks');
    expect(json).toEqual({
      tasks: { [id]: { status: 'failed', error: 'Failed to deploy: Connection refused' } },
    });
    expect(taskMapSchema.parse(json.tasks)).toEqual(json.tasks);
    expect((await hub.ask('GET', '/tasks?version=1')).json).toEqual(json);
  });

  it('gives pages of whole tasks, newest first, with their places in the queue', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const ids: TaskId[] = [];
    for (let i = 0; i < 3; i++) ids.push(await createTask(hub, { host: HOST, action: 'countdown' }));
    await createTask(hub, { external: true, host: '10.0.0.9', action: 'legacy' });
    await hub.settle();
    const first = (await hub.ask('GET', `/tasks?host=${HOST}&limit=2`)).json;
    expect(first.tasks.map(({ id }: { id: TaskId }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.tasks.map(({ queuePosition }: { queuePosition: number }) => queuePosition)).toEqual([3, 2]);
    expect(taskSchema.parse(first.tasks[0]).id).toBe(ids[2]);
    const next = (await hub.ask('GET', `/tasks?host=${HOST}&limit=2&cursor=${first.next}`)).json;
    expect(next).toMatchObject({ tasks: [{ id: ids[0], queuePosition: 1 }], next: null });
    expect((await hub.ask('GET', '/tasks?version=2')).json.tasks).toHaveLength(4);
    expect((await hub.ask('GET', '/tasks?action=legacy')).json.tasks).toHaveLength(1);
    expect((await hub.ask('GET', '/tasks?status=running')).json).toEqual({
      tasks: [],
      next: null,
      position: await hub.bus.readLastCursor(),
    });
  });

  it('lists the tasks of the targets that a selector matches, page by page', async () => {
    const labels = { '10.0.0.2': { role: 'db' }, '10.0.0.3': { role: 'web' } };
    await using hub = startTestHub({ targets: Object.keys(labels), labels });
    const external = { external: true, action: 'backup' };
    const ids: TaskId[] = [];
    for (const host of ['10.0.0.2', '10.0.0.3', '10.0.0.2', '10.0.0.9']) {
      ids.push(await createTask(hub, { ...external, host }));
    }
    const list = async (selector: string, rest = '') =>
      (await hub.ask('GET', `/tasks?selector=${encodeURIComponent(selector)}${rest}`)).json;
    const idsOf = async (selector: string, rest = '') =>
      (await list(selector, rest)).tasks.map(({ id }: { id: TaskId }) => id);
    expect(await idsOf('role=db')).toEqual([ids[2], ids[0]]);
    expect(await idsOf('role!=db')).toEqual([ids[1]]);
    expect(await idsOf('role=db', '&status=running')).toEqual([]);
    const { next } = await list('role=db', '&limit=1');
    expect(await idsOf('role=db', `&limit=1&cursor=${next}`)).toEqual([ids[0]]);
    // The last host is not a target, so no selector matches it.
    expect(await idsOf('*')).toEqual([ids[2], ids[1], ids[0]]);
    expect((await hub.ask('GET', '/tasks?version=2')).json.tasks).toHaveLength(4);
  });

  it('lists nothing for the empty selector', async () => {
    await using hub = startTestHub({ targets: [HOST] });
    await createTask(hub, { external: true, host: HOST, action: 'backup' });
    for (const selector of ['', '%20']) {
      const { status, json } = await hub.ask('GET', `/tasks?selector=${selector}`);
      expect([status, json.tasks]).toEqual([200, []]);
    }
  });

  it.each([
    'selector=role%3D',
    'version=1&selector=role',
    'status=done',
    'host=a%20b',
    'limit=0',
    'limit=501',
    'limit=x',
    'version=3',
    'version=1&limit=3',
    'cursor=%00',
    'action=A',
  ])('refuses ?%s', async (query) => {
    await using hub = startTestHub();
    const { status, json } = await hub.ask('GET', `/tasks?${query}`);
    expect({ status, pointer: json.errors[0].pointer }).toEqual({
      status: 400,
      pointer: `/${query.split('=')[0]}`,
    });
  });

  it('shows one task whole in version 2, and 404 for those that there are not', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const id = await createTask(hub, { host: HOST, action: 'countdown' });
    await hub.settle();
    const { json } = await hub.ask('GET', `/tasks/${id}?version=2`);
    expect(json).toEqual({ ...(await hub.bus.read(id)), queuePosition: 1 });
    for (const unknown of ['V1StGXR8_Z5jdHi6B-myT', 'x', '%00', '..%2f']) {
      expect(await hub.ask('GET', `/tasks/${unknown}`)).toMatchObject({ status: 404, json: { status: 404 } });
    }
  });
});
