import type { Rollout } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { startClientBed } from './testing/client-bed.ts';

const COUNTDOWN = { action: 'countdown', params: { seconds: 1 }, selector: 'host=127.0.0.1' };

it('plans, starts once, and watches rollouts to their ends over outages', async () => {
  let lost = 0;
  await using bed = await startClientBed({
    async fetch(input, init) {
      const response = await fetch(input, init);
      const isStart = init?.method === 'POST' && String(input).endsWith('/rollouts');
      if (isStart && lost++ === 0) throw new TypeError('the connection was reset');
      return response;
    },
    random: () => 0,
  });
  const { client, rest } = bed;
  await eventually(async () => (await client.listRunners()).length === 1, { what: 'the runner' });
  const plan = await client.planRollout(COUNTDOWN);
  expect(plan).toMatchObject({ batches: [1], hosts: [{ host: '127.0.0.1', batch: 0, state: 'ready' }] });
  const long = { ...COUNTDOWN, params: { seconds: 60 } };
  const id = await client.startRollout(long);
  expect(lost).toBe(2);
  expect((await client.listRollouts({ limit: 5 })).rollouts.map((each) => each.id)).toEqual([id]);

  let outages = 0;
  const seen: Rollout[] = [];
  const watching = (async () => {
    for await (const rollout of client.watchRollout(id, { onOutage: () => outages++ })) seen.push(rollout);
  })();
  await eventually(() => seen.at(-1)?.counts.running === 1, { what: 'the running host' });
  expect(await client.pauseRollout(id)).toMatchObject({ status: 'paused' });
  await eventually(() => seen.at(-1)?.status === 'paused', { what: 'the pause' });
  rest.refuse();
  rest.cut();
  await eventually(() => outages === 1, { what: 'the outage' });
  await rest.accept();
  await eventually(() => client.resumeRollout(id).catch(() => null), { what: 'the hub' });
  await client.cancelRollout(id, { running: 'cancel' });
  await watching;
  expect(seen.at(-1)).toMatchObject({ status: 'cancelled', counts: { cancelled: 1 } });
  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));

  const back = await client.rollBackRollout(id, { action: 'countdown', params: { seconds: 1 } });
  await expect(client.approveRollout(back)).rejects.toMatchObject({ code: 'conflict' });
  await expect(client.retryRollout(back)).rejects.toMatchObject({ code: 'conflict' });
  for await (const rollout of client.watchRollout(back)) seen.push(rollout);
  expect(seen.at(-1)).toMatchObject({ id: back, status: 'completed', rollbackOf: id });
});

it('ends a watch with its signal, with an unknown rollout, and with the client', async () => {
  await using bed = await startClientBed();
  const { client } = bed;
  const unknown = client.watchRollout('a'.repeat(21));
  await expect(unknown.next()).rejects.toMatchObject({ code: 'not_found' });
  await eventually(async () => (await client.listRunners()).length === 1, { what: 'the runner' });
  const id = await client.startRollout({ ...COUNTDOWN, params: { seconds: 60 } });
  const stop = new AbortController();
  const watch = client.watchRollout(id, { signal: stop.signal });
  const following = client.watchRollout(id);
  await watch.next();
  await following.next();
  await client.pauseRollout(id);
  const readAll = async (rollouts: AsyncIterable<Rollout>) => {
    for await (const _ of rollouts);
  };
  const stopped = expect(readAll(watch)).rejects.toThrow('left');
  const closed = expect(readAll(following)).rejects.toMatchObject({ code: 'client_closed' });
  stop.abort(new Error('left'));
  await stopped;
  client.close();
  await closed;
});
