import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, openTaskClient } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { reportsOf } from './bus-view.ts';
import { fieldsOf, HOST, send, startTaskBed, type TaskBed } from './task-bed.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/actions.d');

/** Adds examples to the actions of a bed as an operator would. */
async function install(bed: TaskBed, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = join(bed.actionsDirectory, `${name}.yaml`);
    await copyFile(join(EXAMPLES, `${name}.yaml`), file);
    await chmod(file, 0o644);
  }
  await bed.untilOffered(names);
}

describe.concurrent('a hub with Redis and a runner', () => {
  it('show a countdown from queued to completed in both versions, and leave in Redis what an operator can read', async () => {
    await using bed = await startTaskBed();
    await install(bed, 'countdown', 'failing-deploy');
    using client = await openTaskClient(bed.hub.url, { version: 1 });
    using client2 = await openTaskClient(bed.hub.url, { version: 2 });
    await eventually(() => client.received.length > 0 && client2.received.length > 0, {
      what: 'the first messages',
    });
    const id = await bed.create('countdown', { seconds: 3 });
    await bed.untilEnded(id);
    const ended = { status: 'completed', result: { details: 'Counted down from 3' } };
    await eventually(() => client.latest()?.[id]?.status === 'completed', {
      what: 'the end in version 1',
    });
    const shown = client.received.flatMap(({ message }) => message[id] ?? []);
    const changes = shown.filter((entry, at) => entry.status !== shown[at - 1]?.status);
    expect(changes).toEqual([{ status: 'queued' }, { status: 'running' }, ended]);
    expect(await send(bed.hub, 'GET', `/tasks/${id}`)).toEqual({
      status: 200,
      body: { task_id: id, ...ended, error: null },
    });

    const events = await eventually(
      () => {
        const all = client2.received.flatMap(({ message }) => (message.type === 'event' ? message : []));
        return all.some(({ kind }) => kind === 'ended') ? all : null;
      },
      { what: 'the end in version 2' },
    );
    expect(client2.received[0]?.message).toMatchObject({ type: 'snapshot', tasks: [] });
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== 'progress')).toEqual([
      'created',
      'started',
      'ended',
    ]);
    expect(events.map(({ task }) => task.version)).toEqual(events.map((_, at) => at + 1));
    const percents = events.flatMap(({ kind, task }) =>
      kind === 'progress' ? (task.progressPercent ?? []) : [],
    );
    expect(percents).toEqual([0, 33, 66]);
    expect(events.at(-1)?.task).toMatchObject({ id, ...ended, host: HOST });

    const stored = await bed.operator.hgetall(`booner:task:${id}`);
    expect(stored).toMatchObject({
      id,
      host: HOST,
      action: 'countdown',
      params: '{"seconds":3}',
      status: 'completed',
      result: '{"details":"Counted down from 3"}',
      attempt: '1',
      progressPercent: '100',
      version: `${events.length}`,
    });
    const last = (await bed.operator.xrevrange('booner:events', '+', '-', 'COUNT', 5)).map(
      ([cursor, fields]) => ({
        cursor,
        ...fieldsOf(fields),
      }),
    );
    expect(last[0]).toMatchObject({
      cursor: events.at(-1)?.cursor,
      task: id,
      kind: 'ended',
      status: 'completed',
    });
    for (const text of [...Object.values(stored), ...last.flatMap((entry) => Object.values(entry))]) {
      expect(text).toMatch(/^[\x20-\x7e]*$/);
    }

    const failing = await bed.create('failing-deploy');
    await bed.untilEnded(failing);
    await eventually(() => client.latest()?.[failing]?.status === 'failed', {
      what: 'the failure',
    });
    expect(client.latest()?.[failing]).toEqual({
      status: 'failed',
      error: 'Failed to deploy: Connection refused',
    });
  });

  it('complete a task although the hub was killed in the middle and the task ended meanwhile', async () => {
    await using bed = await startTaskBed();
    await install(bed, 'countdown');
    const id = await bed.create('countdown', { seconds: 2 });
    await bed.untilSaid(id, '2');
    await bed.hub.kill('SIGKILL');
    await eventually(async () => (await reportsOf(bed, id, 'end')).length > 0, {
      what: 'the report of the end, with no hub to read it',
    });
    expect(await bed.operator.hget(`booner:task:${id}`, 'status')).toBe('running');
    await bed.hub.restart();
    expect(await bed.untilEnded(id)).toMatchObject({
      status: 'completed',
      result: { details: 'Counted down from 2' },
      attempt: 1,
    });
    expect((await bed.log(id)).map(({ text }) => text)).toEqual(['2', '1']);
    expect((await bed.events(id)).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    using client = await openTaskClient(bed.hub.url, { version: 1 });
    await eventually(() => client.latest()?.[id]?.status === 'completed', {
      what: 'the picture',
    });
  });
});
