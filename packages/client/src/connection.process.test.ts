import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { BoonerClient, ConnectionState } from './index.ts';
import { INTERVAL_MS, startClientBed, watchFleet } from './testing/client-bed.ts';
import { systemClock } from './time/clock.ts';

const becomes = (client: BoonerClient, type: ConnectionState['type'], deadlineMs: number) =>
  eventually(() => client.connection.getSnapshot().type === type, { deadlineMs, what: `${type} data` });
const grows = async (pictures: () => number, deadlineMs: number) => {
  const before = pictures();
  await eventually(() => pictures() > before + 2, { deadlineMs, what: 'data to go on' });
};

describe('a client of a hub', () => {
  it('is live, and goes from WebSocket to REST and back by itself', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    const pictures = watchFleet(client);
    await becomes(client, 'live', 5000);
    await eventually(() => client.fleet.getSnapshot()?.targets.has('127.0.0.1'), {
      what: 'the target',
    });
    await grows(pictures, 5000);

    webSockets.refuse();
    webSockets.cut();
    await becomes(client, 'polling', 5000);
    expect(client.connection.getSnapshot()).toMatchObject({
      intervalMs: INTERVAL_MS,
      reason: { detail: expect.stringMatching(/WebSocket/) },
    });
    await grows(pictures, 5 * INTERVAL_MS);

    await webSockets.accept();
    await becomes(client, 'live', 20_000);
    await grows(pictures, 5 * INTERVAL_MS);
  });

  it('polls within 5 s where WebSockets are swallowed, and is live when they are let through', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    webSockets.pause();
    const pictures = watchFleet(client);
    await becomes(client, 'polling', 5000);
    await grows(pictures, 5 * INTERVAL_MS);
    webSockets.resume();
    await becomes(client, 'live', 20_000);
  });

  it('polls when its WebSocket dies young', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    client.fleet.subscribe(() => {});
    await becomes(client, 'live', 5000);
    webSockets.cut();
    await eventually(() => client.connection.getSnapshot().type !== 'live', {
      what: 'the loss',
    });
    await eventually(() => ['polling', 'live'].includes(client.connection.getSnapshot().type), {
      what: 'data again',
    });
  });

  it('notices within 10 s that both streams are half open, says that it is offline, and reconnects', async () => {
    await using bed = await startClientBed();
    const { client, webSockets, rest } = bed;
    const pictures = watchFleet(client);
    client.tasks.subscribe(() => {});
    await becomes(client, 'live', 5000);
    webSockets.pause();
    rest.pause();
    const isNoticed = (name: 'fleet' | 'tasks') => client.connections[name].getSnapshot().type !== 'live';
    await eventually(() => isNoticed('fleet') && isNoticed('tasks'), {
      what: 'the silence to be noticed',
    });
    expect(client.connections.tasks.getSnapshot().reason.code).toBe('silent');
    await becomes(client, 'offline', 10_000);
    const { dataAtMs } = client.connection.getSnapshot();
    expect(client.nowMs() - dataAtMs!).toBeGreaterThan(5000);
    webSockets.resume();
    rest.resume();
    await becomes(client, 'live', 20_000);
    await grows(pictures, 5 * INTERVAL_MS);
  });

  it('is live again within 3 s of a sleep, over new WebSockets', async () => {
    let sleptMs = 0;
    const clock = { ...systemClock, wallMs: () => Date.now() + sleptMs };
    let opened = 0;
    await using bed = await startClientBed({ clock });
    const { client, webSockets } = bed;
    client.fleet.subscribe(() => {});
    client.tasks.subscribe(() => {});
    client.connections.fleet.subscribe(() => {
      if (client.connections.fleet.getSnapshot().reason.code === 'woke') opened++;
    });
    await becomes(client, 'live', 5000);
    expect(webSockets.connections()).toBe(2);
    const { sinceMs } = client.connection.getSnapshot();
    sleptMs = 3_600_000;
    await eventually(
      () =>
        opened === 1 &&
        client.connection.getSnapshot().sinceMs > sinceMs + 3_600_000 &&
        client.connection.getSnapshot().type === 'live',
      {
        what: 'a new connection',
      },
    );
    await eventually(
      () =>
        client.connections.tasks.getSnapshot().sinceMs > sinceMs + 3_600_000 &&
        client.connections.tasks.getSnapshot().type === 'live',
      {
        what: 'a new task stream',
      },
    );
    await eventually(() => webSockets.connections() === 2, {
      what: 'the old connections to end',
    });
  });

  it('survives the end of its hub, and is live again on the next one', async () => {
    await using bed = await startClientBed();
    const { client, hub } = bed;
    const pictures = watchFleet(client);
    await becomes(client, 'live', 5000);
    await hub.kill('SIGKILL');
    await becomes(client, 'offline', 10_000);
    expect(client.connection.getSnapshot().reason.code).toBe('unreachable');
    expect(client.fleet.getSnapshot()!.targets.size).toBe(1); // still shown, with its age
    await hub.restart();
    await becomes(client, 'live', 30_000);
    await grows(pictures, 5 * INTERVAL_MS);
  });

  it('shows one target in full, and says which host is none, also while it polls', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    const known = client.target('127.0.0.1');
    const unknown = client.target('10.9.9.9');
    let drawn = 0;
    known.subscribe(() => drawn++);
    unknown.subscribe(() => {});
    const isFull = () => {
      const state = known.getSnapshot();
      return state.type === 'found' && state.target.sample !== null;
    };
    await eventually(() => isFull() && unknown.getSnapshot().type === 'unknown', {
      what: 'both states',
    });
    const third = client.target('10.8.8.8');
    const leaveThird = third.subscribe(() => {});
    await eventually(() => third.getSnapshot().type === 'unknown', {
      what: 'another host',
    });
    leaveThird();
    await grows(() => drawn, 5000);
    expect(isFull()).toBe(true);
    webSockets.refuse();
    webSockets.cut();
    await becomes(client, 'polling', 5000);
    await grows(() => drawn, 5000);
    expect([isFull(), unknown.getSnapshot().type]).toEqual([true, 'unknown']);
  });

  it('has one connection per stream for any number of watchers, and none without', async () => {
    await using bed = await startClientBed();
    const { client, webSockets } = bed;
    const leave = Array.from({ length: 50 }, () => [
      client.fleet.subscribe(() => {}),
      client.tasks.subscribe(() => {}),
    ]);
    await becomes(client, 'live', 5000);
    expect(webSockets.connections()).toBe(2);
    for (const each of leave.flat()) each();
    const back = client.fleet.subscribe(() => {}); // like a view that is mounted twice
    await eventually(() => webSockets.connections() === 1, {
      what: 'the task stream to end',
    });
    expect(client.connection.getSnapshot().type).toBe('live');
    back();
    await eventually(() => webSockets.connections() === 0, {
      what: 'all streams to end',
    });
    expect(client.connection.getSnapshot().reason.code).toBe('idle');
  });
});
