import { describe, expect, it } from 'vitest';
import { COUNTDOWN, HOST, LOGIN, startTestHub } from '../testing/test-hub.ts';

describe('an Idempotency-Key', () => {
  const body = { host: HOST, action: 'countdown', params: { seconds: 3, label: 'a' } };

  it('makes one task of 50 requests at once', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner(HOST, [COUNTDOWN]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => hub.ask('POST', '/tasks', body, { 'idempotency-key': 'k' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(runner.offers).toHaveLength(1);
  });

  it('answers 409 for another body, whatever the order of its names', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const headers = { 'idempotency-key': 'k' };
    const first = await hub.ask('POST', '/tasks', body, headers);
    const turned = { params: { label: 'a', seconds: 3 }, action: 'countdown', host: HOST };
    expect((await hub.ask('POST', '/tasks', turned, headers)).json).toEqual(first.json);
    const other = await hub.ask('POST', '/tasks', { ...body, params: { seconds: 4, label: 'a' } }, headers);
    expect(other).toMatchObject({ status: 409, json: { errors: [{ pointer: '/Idempotency-Key' }] } });
  });

  it('distinguishes a queued external task from a running one', async () => {
    await using hub = startTestHub();
    const headers = { 'idempotency-key': 'k' };
    const external = { external: true, host: HOST, action: 'legacy' };
    expect((await hub.ask('POST', '/tasks', external, headers)).status).toBe(202);
    const other = await hub.ask('POST', '/tasks', { ...external, status: 'running' }, headers);
    expect(other).toMatchObject({ status: 409, json: { title: 'Idempotency key reused' } });
  });

  it('answers with the same task while the runner is disconnected, and still distinguishes other bodies', async () => {
    await using hub = startTestHub({ targets: [HOST] });
    const runner = await hub.startRunner(HOST, [LOGIN]);
    const headers = { 'idempotency-key': 'k' };
    const login = { host: HOST, action: 'login', params: { user: 'ann', pin: '8731' } };
    const first = await hub.ask('POST', '/tasks', login, headers);
    expect(first.status).toBe(202);
    await runner.bus.leave();
    expect((await hub.ask('POST', '/tasks', login)).status).toBe(409);
    expect((await hub.ask('POST', '/tasks', login, headers)).json).toEqual(first.json);
    const other = { ...login, params: { user: 'bob', pin: '8731' } };
    const reused = await hub.ask('POST', '/tasks', other, headers);
    expect(reused).toMatchObject({ status: 409, json: { title: 'Idempotency key reused' } });
    const elsewhere = await hub.ask('POST', '/tasks', { ...login, host: '10.0.0.3' }, headers);
    expect(elsewhere).toMatchObject({ status: 409, json: { title: 'Idempotency key reused' } });
    const unused = await hub.ask('POST', '/tasks', login, { 'idempotency-key': 'never' });
    expect(unused).toMatchObject({ status: 409, json: { title: 'No runner' } });
    expect((await hub.bus.readBoard(10)).tasks).toHaveLength(1);
  });

  it.each(['', ' ', 'a b', 'ä', 'x'.repeat(256)])('is refused as %j', async (key) => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const answer = await hub.ask('POST', '/tasks', body, { 'idempotency-key': key });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/Idempotency-Key' }] } });
  });
});
