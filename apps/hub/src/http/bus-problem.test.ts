import { BusError } from '@booner/bus';
import { describe, expect, it } from 'vitest';
import { COUNTDOWN, createTask, HOST, startTestHub } from '../testing/test-hub.ts';

describe('a bus that fails', () => {
  it.each([
    [new BusError('disconnected', 'start Redis'), 'no data from Redis: start Redis. Nothing'],
    [new BusError('timeout', 'no answer'), 'not answer in time'],
    [new BusError('refused', 'raise its maxmemory', { reply: 'OOM' }), 'raise its maxmemory. Nothing'],
    [
      new BusError('refused', 'this user may not', { reply: 'NOPERM' }),
      'refused: this user may not. Nothing',
    ],
  ])('is a 503 with the reason and Retry-After: %s', async (error, reason) => {
    await using hub = startTestHub({ wrap: (bus) => ({ ...bus, create: () => Promise.reject(error) }) });
    await hub.startRunner(HOST, [COUNTDOWN]);
    const answer = await hub.ask('POST', '/tasks', { host: HOST, action: 'countdown' });
    expect(answer.status).toBe(503);
    expect(answer.json.detail).toContain(reason);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('leaves what the hub knows readable', async () => {
    const away = () => Promise.reject(new BusError('disconnected', 'away'));
    await using hub = startTestHub({ wrap: (bus) => ({ ...bus, read: away, list: away }) });
    const id = await createTask(hub, { external: true, host: HOST, action: 'legacy' });
    await hub.settle();
    expect(await hub.ask('GET', `/tasks/${id}`)).toMatchObject({ status: 200, json: { status: 'queued' } });
    expect(await hub.ask('GET', '/tasks')).toMatchObject({ status: 200 });
    expect(await hub.ask('GET', '/tasks/V1StGXR8_Z5jdHi6B-myT')).toMatchObject({ status: 503 });
    const page = await hub.ask('GET', '/tasks?version=2');
    expect([page.status, page.json.detail]).toEqual([503, 'The hub has no data from Redis: away.']);
  });
});
