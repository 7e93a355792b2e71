import { setTimeout } from 'node:timers/promises';
import { runnerKey } from '@booner/protocol/redis-names';
import { eventually, startHub, startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { HOST } from './task-bed.ts';

/** Longest silence of the hub, even on a busy machine: one bad offer made it silent for 45 s. */
const MAX_SILENCE_MS = 10_000;

/** A presence as anyone with the key of a runner can write it. */
const presenceWith = (parameters: readonly object[]) =>
  JSON.stringify({
    instance: 'state-aaaaaa.start-111111',
    version: '0.1.0',
    running: [],
    actions: [{ name: 'costly', timeoutSeconds: 60, parameters }],
    publicKey: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' },
  });

const fifty = (parameter: object) =>
  Array.from({ length: 50 }, (_, index) => ({ name: `p${index}`, type: 'string', ...parameter }));
const COSTLY = fifty({ pattern: '\\pL{1000}'.repeat(50), maxLength: 4096, default: 'a'.repeat(4000) });

describe('an offer with patterns that take seconds to compile', () => {
  it('keeps no hub from answering, whether values are given or not', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    using thief = connect(redis.url);
    await eventually(async () => (await hub.get('/readyz')).ok, { what: 'a hub that has caught up' });
    await thief.set(runnerKey(HOST), presenceWith(COSTLY), 'PX', 600_000);
    const post = (params: object) =>
      hub.get('/tasks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ host: HOST, action: 'costly', params }),
      });

    await using silence = watchSilence(() => hub.get('/healthz'));
    const given = Object.fromEntries(COSTLY.map(({ name }) => [name, 'a'.repeat(250)]));
    const refused = await post(given);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      title: 'Unusable action',
      detail: expect.stringMatching(/the pattern of p0 could take \d+ steps to match, and at most 100000/),
    });
    expect((await post({})).status).toBe(202); // the target has checked its defaults
    expect(await silence.longestMs()).toBeLessThan(MAX_SILENCE_MS);
  });
});

describe('external tasks that a client creates without end', () => {
  it('are refused beyond the limits of a host and of a token, by all hubs together', async () => {
    await using redis = await startRedis();
    const env = { BOONER_MAX_EXTERNAL_TASKS: '30' };
    await using first = await startHub({ redisUrl: redis.url, env });
    await using second = await startHub({ redisUrl: redis.url, env });
    const hubs = [first, second];
    for (const hub of hubs)
      await eventually(async () => (await hub.get('/readyz')).ok, { what: 'hubs that have caught up' });
    const post = (index: number, host: string) =>
      hubs[index % 2]!.get('/tasks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ external: true, host, action: 'flood', params: { text: 'x'.repeat(15_000) } }),
      });
    const statuses = async (hostOf: (index: number) => string) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) => post(index, hostOf(index))),
      );
      return answers.map(({ status }) => status);
    };
    const ofHost = await statuses(() => '10.0.0.2');
    expect(ofHost.filter((status) => status === 202)).toHaveLength(25);
    expect(ofHost.filter((status) => status === 429)).toHaveLength(75);
    const ofToken = await statuses((index) => `10.0.1.${index}`);
    expect(ofToken.filter((status) => status === 202)).toHaveLength(5);
    expect(ofToken.filter((status) => status === 429)).toHaveLength(95);
  });
});

function connect(url: string): Redis & Disposable {
  const redis = new Redis(url);
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
}

/** Asks again and again, and measures how long the longest answer, or none, took. */
function watchSilence(ask: () => Promise<Response>) {
  let isOver = false;
  let longestMs = 0;
  const watching = (async () => {
    while (!isOver) {
      const startMs = performance.now();
      await ask().then(
        (answer) => answer.arrayBuffer(),
        () => null,
      );
      longestMs = Math.max(longestMs, performance.now() - startMs);
      await setTimeout(20);
    }
  })();
  const stop = async () => {
    isOver = true;
    await watching;
  };
  return {
    longestMs: async () => {
      await stop();
      return longestMs;
    },
    [Symbol.asyncDispose]: stop,
  };
}
