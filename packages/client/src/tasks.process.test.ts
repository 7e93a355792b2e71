import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { createBoonerClient } from './index.ts';
import { driveTask, makeExternalTask, startClientBed, watchTasks } from './testing/client-bed.ts';

const TIMES = { deadlineMs: 10_000 };

describe('the tasks of a client', () => {
  it('are those of the hub through every switch of the transport, each change once and in order', async () => {
    await using bed = await startClientBed({ random: () => 0.2 });
    const { client, hub, webSockets } = bed;
    const versions = watchTasks(client);
    client.tasks.subscribe(() => {});
    await eventually(() => client.tasks.getSnapshot().isLoaded, { ...TIMES, what: 'the tasks' });
    const ids: string[] = [];
    const transports = new Set<string>();
    for (let round = 0; round < 6; round++) {
      if (round % 2 === 0) await webSockets.accept();
      else {
        webSockets.refuse();
        webSockets.cut();
      }
      const wanted = round % 2 === 0 ? 'live' : 'polling';
      const { task_id: id } = await makeExternalTask(hub);
      ids.push(id);
      for (let progress = 1; progress <= 5; progress++) {
        for (const each of ids)
          await driveTask(hub, `/tasks/${each}`, 'PATCH', { progress: round * 10 + progress });
      }
      await eventually(() => client.connection.getSnapshot().type === wanted, {
        what: wanted,
      });
      transports.add(client.connection.getSnapshot().type);
      const truth = await Promise.all(ids.map((each) => createBoonerClient({ url: hub.url }).readTask(each)));
      await eventually(
        () =>
          truth.every(
            ({ id: each, version }) =>
              versions.get(each) === version &&
              client.tasks.getSnapshot().tasks.get(each)?.version === version,
          ),
        { ...TIMES, what: 'every change' },
      );
    }
    expect([...transports]).toEqual(['live', 'polling']);
    expect(client.tasks.getSnapshot().tasks.size).toBe(6);
  });

  it('come exactly as they happened after a cut, from the cursor on', async () => {
    await using bed = await startClientBed();
    const { client, hub, webSockets, rest } = bed;
    const { task_id: id } = await makeExternalTask(hub);
    const progress: (number | null)[] = [];
    client.onTaskChange(({ task }) => progress.push(task.progressPercent));
    await eventually(() => client.tasks.getSnapshot().tasks.size === 1, { ...TIMES, what: 'the task' });
    rest.refuse(); // so that REST shows nothing meanwhile
    rest.cut();
    webSockets.refuse();
    webSockets.cut();
    for (let percent = 1; percent <= 10; percent++)
      await driveTask(hub, `/tasks/${id}`, 'PATCH', { progress: percent });
    expect(progress).toEqual([]);
    await webSockets.accept();
    client.reconnect();
    await eventually(() => progress.length >= 10, { what: 'what was missed' });
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('are new after a restart of a hub that forgets, and not the old ones as well', async () => {
    await using bed = await startClientBed();
    const { client, hub } = bed;
    await makeExternalTask(hub);
    client.tasks.subscribe(() => {});
    await eventually(() => client.tasks.getSnapshot().tasks.size === 1, { ...TIMES, what: 'the task' });
    await hub.kill('SIGKILL');
    await hub.restart();
    await eventually(() => client.tasks.getSnapshot().tasks.size === 0, {
      what: 'the empty list',
    });
    const { task_id: id } = await makeExternalTask(hub);
    await eventually(() => [...client.tasks.getSnapshot().tasks.keys()].join() === id, {
      ...TIMES,
      what: 'the new task',
    });
  });

  it('can be watched one by one, known or unknown', async () => {
    await using bed = await startClientBed();
    const { client, hub } = bed;
    const { task_id: id } = await makeExternalTask(hub);
    const task = client.task(id);
    const unknown = client.task('nobody-has-this-id-0a');
    task.subscribe(() => {});
    unknown.subscribe(() => {});
    await eventually(() => task.getSnapshot().type === 'found' && unknown.getSnapshot().type === 'unknown', {
      ...TIMES,
      what: 'both',
    });
    await driveTask(hub, `/tasks/${id}`, 'PATCH', { progress: 40 });
    await eventually(
      () => {
        const state = task.getSnapshot();
        return state.type === 'found' && state.task.progressPercent === 40;
      },
      { ...TIMES, what: 'the progress' },
    );
  });
});

describe('a log that is followed', () => {
  it('comes line by line to its end, each once, although the WebSocket is lost on the way', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    const { taskId } = await client.createTask({
      host: '127.0.0.1',
      action: 'countdown',
      params: { seconds: 5 },
    });
    const lines: number[] = [];
    let droppedLines = 0;
    for await (const part of client.followLog(taskId, { afterLine: 0 })) {
      for (const { line } of part.lines) lines.push(line);
      droppedLines += part.droppedLines;
      if (lines.length === 2) {
        webSockets.refuse();
        webSockets.cut();
      } else if (lines.length >= 4) await webSockets.accept();
    }
    const { logLines, status } = await client.readTask(taskId);
    expect(status).toBe('completed');
    expect(droppedLines).toBe(0);
    expect(lines).toEqual(Array.from({ length: logLines }, (_, index) => index + 1));
  });

  it('reports a task that does not exist', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    const follow = async () => {
      for await (const _ of client.followLog('nobody-has-this-id-0a'));
    };
    await expect(follow()).rejects.toMatchObject({ name: 'BoonerError', code: 'not_found', status: 404 });
    webSockets.refuse();
    webSockets.cut();
    await expect(follow()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is left by an abort', async () => {
    await using bed = await startClientBed();
    const { client } = bed;
    const { taskId } = await client.createTask({
      host: '127.0.0.1',
      action: 'countdown',
      params: { seconds: 60 },
    });
    const stop = new AbortController();
    const follow = async () => {
      for await (const { lines } of client.followLog(taskId, { signal: stop.signal })) {
        if (lines.length > 0) stop.abort(new Error('seen enough'));
      }
    };
    await expect(follow()).rejects.toThrow('seen enough');
    expect(await client.cancelTask(taskId)).toMatchObject({ taskId });
    await eventually(async () => (await client.readTask(taskId)).status === 'cancelled', {
      what: 'the end',
    });
    expect(client.taskLog(taskId).getSnapshot().isEnded).toBe(false);
  });
});
