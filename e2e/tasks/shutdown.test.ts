import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLOSE_CODES } from '@booner/protocol';
import { eventually, openStatusClient, openTaskClient } from '@booner/testkit';
import { expect, it } from 'vitest';
import { hubMetric, streamClients } from '../clients/hub-gauges.ts';
import { waiting } from './actions.ts';
import { startTaskBed } from './task-bed.ts';

const CLIENTS = 1000;
const KINDS = 4;

it('a hub with a running task notifies a thousand clients of both streams that it stops, and exits with 0 within 5 s of SIGTERM', async () => {
  await using bed = await startTaskBed({
    hubs: 2,
    actions: (directory) => ({ wait: waiting(directory) }),
  });
  const [hub, otherHub] = bed.hubs as [typeof bed.hub, typeof bed.hub];
  const id = await bed.create('wait');
  await bed.untilRunning(id);
  using clients = new DisposableStack();
  const open = (index: number) => {
    const options = { localAddress: `127.0.0.${2 + (index % 5)}` };
    switch (index % KINDS) {
      case 0:
        return openStatusClient(hub.url, { version: 1, ...options });
      case 1:
        return openStatusClient(hub.url, { version: 2, ...options });
      case 2:
        return openTaskClient(hub.url, { version: 1, ...options });
      default:
        return openTaskClient(hub.url, { version: 2, ...options });
    }
  };
  const opened = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => clients.use(await open(index))),
  );
  await eventually(() => opened.every(({ received }) => received.length > 0), {
    what: 'every client to have its first message',
  });
  const taskClients = await Promise.all(
    ['1', '2'].map((version) => hubMetric(hub, `booner_hub_task_stream_clients{version="${version}"}`)),
  );
  expect([await streamClients(hub), ...taskClients]).toEqual([CLIENTS / 2, CLIENTS / KINDS, CLIENTS / KINDS]);
  using follower = await openTaskClient(otherHub.url, { version: 1 });

  const end = await hub.stop();
  expect(end).toEqual({ code: 0, signal: null });
  const codes = await Promise.all(opened.map(({ closed }) => closed.then(({ code }) => code)));
  expect(codes.filter((code) => code !== CLOSE_CODES.goingAway)).toEqual([]);

  expect(await bed.read(id, otherHub)).toMatchObject({ status: 'running' });
  await writeFile(join(bed.directory, 'go'), '');
  await eventually(() => follower.latest()?.[id]?.status === 'completed', {
    what: 'the task to end by the other hub',
  });
});
