import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startTestHub, type TestAction } from '../testing/test-hub.ts';

const HOST = '10.0.0.2';
const ACTION: TestAction = {
  name: 'countdown',
  parameters: [
    { name: 'seconds', type: 'integer', min: 1, max: 60 },
    { name: 'label', type: 'string', pattern: '[a-z]+', secret: true },
    { name: 'fast', type: 'boolean' },
    { name: 'mode', type: 'choice', choices: ['a', 'b'] },
  ],
  timeoutSeconds: 60,
};

describe('GET /targets/:host/actions', () => {
  it('lists what the runner of a target offers, and nothing that is the runner’s own', async () => {
    await using hub = startTestHub({ targets: ['10.0.0.3'] });
    await hub.startRunner(HOST, [ACTION]);
    const { json, text } = await hub.ask('GET', `/targets/${HOST}/actions`);
    expect(json).toMatchObject({
      host: HOST,
      online: true,
      conflict: false,
      actions: [{ name: 'countdown' }],
    });
    expect(json.actions[0].parameters).toMatchObject(ACTION.parameters);
    expect(text).not.toMatch(/publicKey|instance/);
    expect((await hub.ask('GET', '/targets/10.0.0.3/actions')).json).toEqual({
      host: '10.0.0.3',
      online: false,
      conflict: false,
      actions: [],
    });
  });

  it('is a 404 for a host that is unknown, and a 400 for what is none', async () => {
    await using hub = startTestHub();
    expect(await hub.ask('GET', '/targets/10.9.9.9/actions')).toMatchObject({ status: 404 });
    expect(await hub.ask('GET', '/targets/a%20b/actions')).toMatchObject({ status: 400 });
  });

  it('says that a second runner claims the host', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [ACTION]);
    await hub.startRunner(HOST, [ACTION]);
    expect((await hub.ask('GET', `/targets/${HOST}/actions`)).json).toMatchObject({ conflict: true });
  });
});

it('GET /runners lists the hosts that have a runner, with the names of their actions', async () => {
  await using hub = startTestHub({ targets: ['10.0.0.4'] });
  expect((await hub.ask('GET', '/runners')).json).toEqual({ runners: [] });
  await hub.startRunner('10.0.0.3', []);
  await hub.startRunner(HOST, [ACTION]);
  expect((await hub.ask('GET', '/runners')).json).toEqual({
    runners: [
      { host: HOST, conflict: false, actions: ['countdown'] },
      { host: '10.0.0.3', conflict: false, actions: [] },
    ],
  });
});

it('describes every route in the reference', async () => {
  await using hub = startTestHub();
  const { status, json } = await hub.ask('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(Object.keys(json.paths).sort()).toEqual([
    '/game/backup',
    '/game/deploy',
    '/game/start',
    '/game/stop',
    '/game/update',
    '/infrastructure/task',
    '/runners',
    '/targets/{host}/actions',
    '/tasks',
    '/tasks/{id}',
    '/tasks/{id}/cancel',
    '/tasks/{id}/log',
    '/web/deploy',
    '/web/monitoring',
    '/web/nginx',
    '/web/update',
  ]);
  expect(Object.keys(json.paths['/tasks/{id}'])).toEqual(['patch', 'get']);
  expect(json.components.schemas.Task.properties.params).toMatchObject({ type: 'object' });
});

describe('any body at all', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const name = fc.oneof(
    fc.constantFrom('host', 'action', 'params', 'external', 'status', 'progress', 'result', 'target_host'),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'seconds', 'label', 'fast', 'mode'),
    fc.string(),
  );
  const params = fc.dictionary(
    name,
    fc.oneof(value, fc.constantFrom('--flag', ';id', '$(id)', 'a\0', 'a\n')),
  );
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    params.map((entries) => JSON.stringify(entries)),
    fc
      .record(
        {
          host: fc.oneof(fc.constantFrom(HOST, '10.0.0.3', '../x', '*'), value),
          action: fc.oneof(fc.constantFrom('countdown', 'constructor', '__proto__'), value),
          params: fc.oneof(params, value),
          external: fc.oneof(fc.boolean(), value),
          status: fc.oneof(fc.constantFrom('queued', 'running', 'completed'), value),
        },
        { requiredKeys: [] },
      )
      .map((entries) => JSON.stringify(entries)),
    fc
      .record(
        {
          seconds: fc.integer({ min: -1, max: 65 }),
          label: fc.stringMatching(/^[a-zA-Z]{0,5}$/),
          fast: fc.boolean(),
          mode: fc.constantFrom('a', 'b', 'c'),
        },
        { requiredKeys: [] },
      )
      .map((given) => JSON.stringify({ host: HOST, action: 'countdown', params: given })),
    fc.integer({ min: 1, max: 50_000 }).map((depth) => `{"params":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  );
  const path = fc.constantFrom(
    '/tasks',
    '/tasks/$id',
    '/tasks/$id/cancel',
    '/game/deploy',
    '/infrastructure/task',
  );
  const method = fc.constantFrom('POST', 'PATCH');

  it('is answered with success or a problem of the client, and what is offered to a runner is what the action takes', async () => {
    await using hub = startTestHub({ targets: [HOST, '10.0.0.3'] });
    const runner = await hub.startRunner(HOST, [ACTION]);
    const { json } = await hub.ask('POST', '/tasks', { external: true, host: HOST, action: 'legacy' });
    await fc.assert(
      fc.asyncProperty(method, path, body, async (verb, where, text) => {
        const {
          status,
          headers,
          text: answer,
        } = await hub.ask(verb, where.replace('$id', json.task_id), text);
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(headers.get('content-type')).toBe('application/problem+json');
        expect(answer.length).toBeLessThan(100_000);
      }),
      { numRuns: 1500 },
    );
    expect(runner.offers.length).toBeGreaterThan(0);
    for (const { params: offered, action } of runner.offers) {
      expect(action).toBe('countdown');
      for (const [key, each] of Object.entries(offered)) {
        if (key === 'seconds') expect(each).toBeOneOf(Array.from({ length: 60 }, (_, i) => i + 1));
        else if (key === 'fast') expect(each).toBeTypeOf('boolean');
        else
          expect([key, each]).toBeOneOf([
            ['mode', 'a'],
            ['mode', 'b'],
          ]);
      }
    }
    expect(hub.logged).toEqual([]);
  });
});
