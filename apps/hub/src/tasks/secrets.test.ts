import { hostIdSchema } from '@booner/protocol';
import { compactDecrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { HOST, LOGIN, startTestHub } from '../testing/test-hub.ts';

describe('secret parameters', () => {
  it('reach the runner alone, sealed, and are shown nowhere', async () => {
    const hashes: string[] = [];
    await using hub = startTestHub({
      wrap: (bus) => ({
        ...bus,
        create: (task) => {
          hashes.push(JSON.stringify(task));
          return bus.create(task);
        },
      }),
    });
    const runner = await hub.startRunner(HOST, [LOGIN]);
    const ask = (pin: unknown, key: string) =>
      hub.ask(
        'POST',
        '/tasks',
        { host: HOST, action: 'login', params: { user: 'ann', pin } },
        { 'idempotency-key': key },
      );
    const made = await ask('8731', 'k1');
    const id = made.json.task_id;
    const offer = runner.offers[0]!;
    expect(offer.params).toEqual({ user: 'ann' });
    const { plaintext, protectedHeader } = await compactDecrypt(offer.sealedParams!, runner.privateKey);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual({ pin: '8731' });
    expect(protectedHeader).toMatchObject({
      alg: 'ECDH-ES+A256KW',
      enc: 'A256GCM',
      task: id,
      action: 'login',
    });

    await hub.settle();
    const shown = [
      made,
      await hub.ask('GET', '/tasks'),
      await hub.ask('GET', '/tasks?version=2'),
      await hub.ask('GET', `/tasks/${id}?version=2`),
      await hub.ask(
        'POST',
        '/tasks',
        { host: HOST, action: 'nope', params: { pin: '8731' } },
        { 'idempotency-key': 'k2' },
      ),
      await ask('87318731', 'k3'),
      await hub.ask('POST', '/tasks', '{"host":"10.0.0.2","action":"login","params":{"pin":8731 8731}}'),
    ];
    for (const { text } of shown) expect(text).not.toContain('8731');
    expect(shown[3]?.json.params).toEqual({ user: 'ann', pin: '[redacted]' });
    expect(hashes.join()).not.toContain('8731');
    expect(hub.logged.map(({ text }) => text).join()).not.toContain('8731');
  });

  it('do not enter the hash of a request', async () => {
    const hashes = new Set<string | undefined>();
    await using hub = startTestHub({
      wrap: (bus) => ({
        ...bus,
        create: (task) => {
          hashes.add(task.idempotency?.bodyHash);
          return bus.create(task);
        },
      }),
    });
    await hub.startRunner(HOST, [LOGIN]);
    for (const pin of ['1', '2']) {
      const params = { user: 'ann', pin };
      const headers = { 'idempotency-key': 'k' };
      expect((await hub.ask('POST', '/tasks', { host: HOST, action: 'login', params }, headers)).status).toBe(
        202,
      );
    }
    expect(hashes.size).toBe(1);
  });
});

describe('secrets of an action', () => {
  const DEPLOY = { name: 'deploy', parameters: [], timeoutSeconds: 60, secrets: ['token'] };
  const BODY = { host: HOST, action: 'deploy', params: {} };

  it('are offered with a task, and it is refused while one is not set or cannot be opened', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner(HOST, [DEPLOY]);
    const host = hostIdSchema.parse(HOST);
    const runnerKey = (await hub.bus.readRunner(host))!.presence.publicKey.x;
    const put = (key: string) =>
      hub.secrets.put('token', [{ host, runnerKey: key, sealed: 'a.b.c.d.e' }], { setAtMs: 1, setBy: null });

    const unset = await hub.ask('POST', '/tasks', BODY);
    expect(unset).toMatchObject({ status: 422, json: { errors: [{ pointer: '/action' }] } });
    expect(unset.json.detail).toMatch(/the secret token is not set for 10\.0\.0\.2: run booner secret set/);
    await put('k'.repeat(43));
    const foreign = await hub.ask('POST', '/tasks', BODY);
    expect(foreign).toMatchObject({ status: 422, json: { detail: expect.stringMatching(/another key/) } });
    expect(runner.offers).toEqual([]);

    await put(runnerKey);
    expect((await hub.ask('POST', '/tasks', BODY)).status).toBe(202);
    await hub.settle();
    expect(runner.offers).toMatchObject([{ sealedSecrets: { token: 'a.b.c.d.e' }, sealedParams: null }]);
  });
});
