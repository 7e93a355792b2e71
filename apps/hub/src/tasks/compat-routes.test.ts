import { describe, expect, it } from 'vitest';
import { startTestHub, type TestAction } from '../testing/test-hub.ts';

const deploy: TestAction = {
  name: 'game.deploy',
  parameters: [
    { name: 'game', type: 'string', required: true },
    { name: 'custom_config', type: 'json' },
    { name: 'env_vars', type: 'json', maxBytes: 64 },
    { name: 'size', type: 'integer', default: 3 },
  ],
  timeoutSeconds: 60,
};
const bare = (name: string): TestAction => ({ name, parameters: [], timeoutSeconds: 60 });

describe('the routes of earlier dashboards and scripts', () => {
  it.each([
    '/game/deploy',
    '/game/update',
    '/game/start',
    '/game/stop',
    '/game/backup',
    '/web/deploy',
    '/web/update',
    '/web/nginx',
    '/web/monitoring',
    '/infrastructure/task',
  ])('POST %s starts the action of its name on the one host that offers it', async (path) => {
    await using hub = startTestHub();
    const action = path.slice(1).replace('/', '.');
    const runner = await hub.startRunner('10.0.0.2', [bare(action)]);
    await hub.startRunner('10.0.0.3', [bare('other')]);
    const { status, json } = await hub.ask('POST', path, {});
    expect(status).toBe(202);
    expect(json).toEqual({ task_id: runner.offers[0]?.task, status: 'queued', message: expect.any(String) });
    expect(runner.offers).toMatchObject([{ action, params: {} }]);
    expect((await hub.ask('POST', path)).status).toBe(202); // a script that sends no body at all
  });

  it('takes the rest of the body for parameters and target_host for the host', async () => {
    await using hub = startTestHub();
    await hub.startRunner('10.0.0.2', [deploy]);
    const runner = await hub.startRunner('10.0.0.3', [deploy]);
    const body = { game: 'chess', target_host: '10.0.0.3' };
    expect((await hub.ask('POST', '/game/deploy', body)).status).toBe(202);
    expect(runner.offers).toMatchObject([{ action: 'game.deploy', params: { game: 'chess' } }]);
  });

  it('takes null for absent, and hands objects and arrays on as they are', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner('10.0.0.2', [deploy]);
    const custom_config = { difficulty: 'hard', seed: null, mods: [{ name: 'a' }] };
    const body = {
      game: 'chess',
      custom_config,
      env_vars: ['A=1'],
      size: null,
      target_host: null,
      other: null,
    };
    expect((await hub.ask('POST', '/game/deploy', body)).status).toBe(202);
    expect(runner.offers).toMatchObject([{ params: { game: 'chess', custom_config, env_vars: ['A=1'] } }]);
    expect(Object.keys(runner.offers[0]?.params ?? {})).toEqual(['game', 'custom_config', 'env_vars']);
  });

  it('lists the candidates where there are several, and says where there are none', async () => {
    await using hub = startTestHub();
    const none = await hub.ask('POST', '/game/deploy', { game: 'chess' });
    expect(none).toMatchObject({ status: 409, json: { errors: [{ pointer: '/target_host' }] } });
    expect(none.json.detail).toContain('no runner offers game.deploy');
    const runners = [
      await hub.startRunner('10.0.0.3', [deploy]),
      await hub.startRunner('10.0.0.2', [deploy]),
    ];
    const several = await hub.ask('POST', '/game/deploy', { game: 'chess' });
    expect(several).toMatchObject({ status: 409, json: { errors: [{ pointer: '/target_host' }] } });
    expect(several.json.detail).toContain('10.0.0.2, 10.0.0.3');
    expect(runners.flatMap(({ offers }) => offers)).toEqual([]);
  });

  it.each([
    ['a bad parameter', { game: 1, target_host: '10.0.0.2' }, 422, ['/game']],
    ['an unknown parameter', { game: 'a', map: 'b' }, 422, ['/map']],
    ['a bad host', { game: 'a', target_host: 'a b' }, 400, ['/target_host']],
    ['a host of a wrong type', { game: 'a', target_host: 5 }, 400, ['/target_host']],
    ['a required parameter that is null', { game: null, target_host: '10.0.0.2' }, 422, ['/game']],
    [
      'JSON that is none',
      { game: 'a', target_host: '10.0.0.2', custom_config: 'x' },
      422,
      ['/custom_config'],
    ],
    [
      'JSON beyond its bound',
      { game: 'a', target_host: '10.0.0.2', env_vars: ['a'.repeat(99)] },
      422,
      ['/env_vars'],
    ],
    ['an unknown host', { game: 'a', target_host: '10.9.9.9' }, 404, ['/target_host']],
    ['a host without the action', { target_host: '10.0.0.4' }, 404, undefined],
    ['an array', [], 400, ['']],
    ['a name twice', '{"game":"a","game":"b"}', 400, ['/game']],
  ] as const)('answers a problem for %s', async (_what, body, status, pointers) => {
    await using hub = startTestHub();
    const runner = await hub.startRunner('10.0.0.2', [deploy]);
    await hub.startRunner('10.0.0.4', [bare('other')]);
    const answer = await hub.ask('POST', '/game/deploy', body);
    expect(answer.status).toBe(status);
    expect(answer.json.errors?.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    expect(runner.offers).toEqual([]);
  });

  it('take an Idempotency-Key', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner('10.0.0.2', [deploy]);
    const ask = (game: string) => hub.ask('POST', '/game/deploy', { game }, { 'idempotency-key': 'k' });
    expect((await ask('chess')).json).toEqual((await ask('chess')).json);
    expect((await ask('go')).status).toBe(409);
    expect(runner.offers).toHaveLength(1);
  });
});
