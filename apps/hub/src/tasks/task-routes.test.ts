import { describe, expect, it } from 'vitest';
import { COUNTDOWN, createTask, HOST, LOGIN, startTestHub, type TestAction } from '../testing/test-hub.ts';

const notUtf8 = Buffer.concat([
  Buffer.from(`{"external":true,"host":"${HOST}","action":"a","params":{"text":"`),
  Buffer.from([0xff]),
  Buffer.from('"}}'),
]);

describe('POST /tasks', () => {
  it('queues a task for the runner of the host, and shows it', async () => {
    await using hub = startTestHub({ targets: [HOST] });
    const runner = await hub.startRunner(HOST, [COUNTDOWN]);
    const made = await hub.ask('POST', '/tasks', { host: HOST, action: 'countdown', params: { seconds: 3 } });
    expect(made.status).toBe(202);
    const id = made.json.task_id;
    expect(made.json).toEqual({ task_id: id, status: 'queued', message: expect.stringContaining('queued') });
    expect(made.headers.get('location')).toBe(`/tasks/${id}`);
    expect(runner.offers).toEqual([
      { task: id, action: 'countdown', params: { seconds: 3 }, sealedParams: null },
    ]);
    const shown = await hub.ask('GET', `/tasks/${id}`);
    expect(shown.json).toEqual({ task_id: id, status: 'queued', result: null, error: null });
  });

  it.each([
    ['an unknown host', { host: '10.9.9.9', action: 'countdown' }, 404, ['/host']],
    ['a host without a runner', { host: '10.0.0.3', action: 'countdown' }, 409, ['/host']],
    ['an unknown action', { host: HOST, action: 'nope' }, 404, ['/action']],
    ['an action that is a path', { host: HOST, action: '../../bin/sh' }, 404, ['/action']],
    ['an unknown parameter', { host: HOST, action: 'countdown', params: { a: 1 } }, 422, ['/params/a']],
    [
      'several bad parameters',
      { host: HOST, action: 'countdown', params: { seconds: 'x', label: '$(id)' } },
      422,
      ['/params/seconds', '/params/label'],
    ],
    ...['--flag', ';id', '$(id)', 'a\0b', 'a\nb', '`id`', 'x'.repeat(5000), ''].map(
      (label) =>
        [
          `the text ${JSON.stringify(label.slice(0, 20))}`,
          { host: HOST, action: 'countdown', params: { label } },
          422,
          ['/params/label'],
        ] as const,
    ),
    ['a fraction', { host: HOST, action: 'countdown', params: { seconds: 1.5 } }, 422, ['/params/seconds']],
    [
      'a parameter called __proto__',
      `{"host":"${HOST}","action":"countdown","params":{"__proto__":1}}`,
      422,
      ['/params/__proto__'],
    ],
    [
      'a field called __proto__',
      `{"host":"${HOST}","action":"countdown","__proto__":{}}`,
      400,
      ['/__proto__'],
    ],
    ['no host', { action: 'countdown' }, 400, ['/host']],
    ['a host that is none', { host: 'a b', action: 'countdown' }, 400, ['/host']],
    ['a host of 300 characters', { host: 'a'.repeat(300), action: 'countdown' }, 400, ['/host']],
    ['a host of a wrong type', { host: 1, action: 'countdown' }, 400, ['/host']],
    ['no action', { host: HOST }, 400, ['/action']],
    ['an action of a wrong type', { host: HOST, action: ['countdown'] }, 400, ['/action']],
    ['params of a wrong type', { host: HOST, action: 'countdown', params: [] }, 400, ['/params']],
    ['null params', { host: HOST, action: 'countdown', params: null }, 400, ['/params']],
    ['a field that is not known', { host: HOST, action: 'countdown', parms: {} }, 400, ['/parms']],
    ['external of a wrong type', { host: HOST, action: 'x', external: 'yes' }, 400, ['/external']],
    ['a dry run of an action without one', { host: HOST, action: 'countdown', check: true }, 422, ['/check']],
    ['check of a wrong type', { host: HOST, action: 'countdown', check: 'yes' }, 400, ['/check']],
    [
      'a dry run by another program',
      { external: true, host: HOST, action: 'legacy', check: true },
      400,
      ['/check'],
    ],
    ['an array', [], 400, ['']],
    ['null', 'null', 400, ['']],
    ['no JSON', '{"host":', 400, ['']],
    ['an empty body', '', 400, ['']],
    ['what is not UTF-8', notUtf8, 400, ['']],
    ['a name twice', `{"host":"${HOST}","action":"countdown","host":"${HOST}"}`, 400, ['/host']],
    [
      'deep params',
      `{"host":"${HOST}","action":"countdown","params":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`,
      400,
      ['/params'],
    ],
    [
      'params of 17 KiB',
      { host: HOST, action: 'countdown', params: { label: 'x'.repeat(17_000) } },
      400,
      ['/params'],
    ],
  ] as const)('answers a problem for %s', async (_what, body, status, pointers) => {
    await using hub = startTestHub({ targets: [HOST, '10.0.0.3'] });
    const runner = await hub.startRunner(HOST, [COUNTDOWN]);
    const answer = await hub.ask('POST', '/tasks', body);
    expect(answer).toMatchObject({ status, json: { status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    expect(runner.offers).toEqual([]);
    expect((await hub.bus.readBoard(10)).tasks).toEqual([]);
  });

  it('queues a dry run of an action that offers one', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner(HOST, [{ ...COUNTDOWN, checkable: true }]);
    const body = { host: HOST, action: 'countdown', params: { seconds: 3 } };
    const headers = { 'idempotency-key': 'k' };
    const made = await hub.ask('POST', '/tasks', { ...body, check: true }, headers);
    expect(made).toMatchObject({
      status: 202,
      json: { message: 'countdown (dry run) is queued on 10.0.0.2.' },
    });
    expect(runner.offers).toMatchObject([{ action: 'countdown', params: { seconds: 3 }, check: true }]);
    const shown = await hub.ask('GET', `/tasks/${made.json.task_id}?version=2`);
    expect(shown.json).toMatchObject({ action: 'countdown', check: true, steps: null });
    // The action itself is another request.
    expect(await hub.ask('POST', '/tasks', body, headers)).toMatchObject({ status: 409 });
    expect((await hub.ask('POST', '/tasks', { ...body, check: true }, headers)).json).toEqual(made.json);
    const plain = await hub.ask('POST', '/tasks', { ...body, check: false });
    expect((await hub.ask('GET', `/tasks/${plain.json.task_id}?version=2`)).json).toMatchObject({
      check: false,
    });
  });

  it('names the actions that there are', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN, LOGIN]);
    const { json } = await hub.ask('POST', '/tasks', { host: HOST, action: 'nope' });
    expect(json.detail).toContain('countdown, login');
  });

  it.each([
    ['413', 413, `"${'x'.repeat(2_000_000)}"`, 'application/json'],
    ['415 for a form', 415, '{}', 'application/x-www-form-urlencoded'],
    ['415 for text', 415, '{}', 'text/plain;x=application/json'],
  ])('answers %s', async (_what, status, body, type) => {
    await using hub = startTestHub();
    expect(await hub.ask('POST', '/tasks', body, { 'content-type': type })).toMatchObject({ status });
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.booner+json'])(
    'takes %s for JSON',
    async (type) => {
      await using hub = startTestHub();
      expect(await hub.ask('POST', '/tasks', '{}', { 'content-type': type })).toMatchObject({ status: 400 });
    },
  );

  it('answers 429 with Retry-After for the 26th task that waits', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    for (let i = 0; i < 25; i++) await createTask(hub, { host: HOST, action: 'countdown' });
    const answer = await hub.ask('POST', '/tasks', { host: HOST, action: 'countdown' });
    expect(answer).toMatchObject({ status: 429, json: { errors: [{ pointer: '/host' }] } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answers 429 for more open external tasks than a host or a credential may have', async () => {
    await using hub = startTestHub();
    const post = (host: string) =>
      hub.ask('POST', '/tasks', { external: true, host, action: 'deploy', status: 'running' });
    for (let i = 0; i < 25; i++) expect(await post(HOST)).toMatchObject({ status: 202 });
    expect(await post(HOST)).toMatchObject({
      status: 429,
      json: {
        title: 'Too many external tasks',
        detail: expect.stringMatching(/^25 external tasks of 10\.0\.0\.2 have not ended\. End some .* PATCH/),
        errors: [{ pointer: '/host' }],
      },
    });
    for (let i = 0; i < 5; i++) expect(await post(`10.0.1.${i}`)).toMatchObject({ status: 202 });
    const answer = await post('10.0.1.9');
    expect(answer).toMatchObject({
      status: 429,
      json: { detail: expect.stringContaining('30 external tasks that you created') },
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('refuses, and does not fail, where a target offers what cannot be used', async () => {
    await using hub = startTestHub();
    const broken: TestAction = {
      ...COUNTDOWN,
      parameters: [{ name: 'label', type: 'string', pattern: '(' }],
    };
    const key = { kty: 'OKP', crv: 'X25519', x: '!' } as const;
    await hub.startRunner(HOST, [broken, LOGIN], key);
    const label = await hub.ask('POST', '/tasks', {
      host: HOST,
      action: 'countdown',
      params: { label: 'a' },
    });
    expect(label).toMatchObject({ status: 409 });
    const params = { user: 'ann', pin: '8731' };
    expect(await hub.ask('POST', '/tasks', { host: HOST, action: 'login', params })).toMatchObject({
      status: 409,
    });
  });
});

describe('POST /tasks/:id/cancel', () => {
  it('cancels a queued task at once, and says so again', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const id = await createTask(hub, { host: HOST, action: 'countdown' });
    for (let i = 0; i < 2; i++) {
      const answer = await hub.ask('POST', `/tasks/${id}/cancel`);
      expect(answer).toMatchObject({ status: 202, json: { task_id: id, status: 'cancelled' } });
      expect(answer.json.message).toContain('cancelled');
    }
  });

  it('has a running task cancelled by its runner, and is a 409 after another end', async () => {
    await using hub = startTestHub();
    const runner = await hub.startRunner(HOST, [COUNTDOWN]);
    const id = await createTask(hub, { host: HOST, action: 'countdown' });
    const attempt = await hub.start(runner, HOST, id);
    const answer = await hub.ask('POST', `/tasks/${id}/cancel`);
    expect(answer).toMatchObject({ status: 202, json: { task_id: id, status: 'running' } });
    expect(answer.json.message).toContain('being cancelled');
    expect(runner.control.at(-1)).toMatchObject({ type: 'cancel', task: id, attempt });
    const { instance } = runner;
    const outcome = { status: 'completed', result: null, error: null } as const;
    await runner.bus.report({
      type: 'end',
      host: HOST as never,
      instance,
      task: id,
      attempt: attempt as never,
      logLines: 0,
      outcome,
    });
    await hub.settle();
    expect(await hub.ask('POST', `/tasks/${id}/cancel`)).toMatchObject({ status: 409 });
  });

  it.each(['nope', 'V1StGXR8_Z5jdHi6B-myT'])('is a 404 for %s', async (id) => {
    await using hub = startTestHub();
    expect(await hub.ask('POST', `/tasks/${id}/cancel`)).toMatchObject({ status: 404 });
  });
});

describe('external tasks', () => {
  it('are driven over PATCH by the rules of all tasks', async () => {
    await using hub = startTestHub();
    const id = await createTask(hub, {
      external: true,
      host: HOST,
      action: 'legacy.deploy',
      params: { site: 'a' },
    });
    const patch = (body: unknown) => hub.ask('PATCH', `/tasks/${id}`, body);
    expect(await patch({ status: 'running', progress: 40, message: 'Copying' })).toMatchObject({
      status: 200,
      json: {
        id,
        status: 'running',
        progressPercent: 40,
        message: 'Copying',
        external: true,
        queuePosition: null,
      },
    });
    expect(await patch({ status: 'queued' })).toMatchObject({ status: 409 });
    expect((await hub.ask('POST', `/tasks/${id}/cancel`)).json).toMatchObject({ status: 'running' });
    expect(
      await patch({ status: 'completed', result: { details: 'Task completed successfully' } }),
    ).toMatchObject({
      status: 200,
    });
    expect((await hub.ask('GET', `/tasks/${id}`)).json).toEqual({
      task_id: id,
      status: 'completed',
      result: { details: 'Task completed successfully' },
      error: null,
    });
    expect(await patch({ status: 'running' })).toMatchObject({ status: 409 });
  });

  it('start running where that is asked for, once for one key', async () => {
    await using hub = startTestHub();
    const body = { external: true, host: HOST, action: 'legacy', status: 'running' };
    const headers = { 'idempotency-key': 'k' };
    const first = await hub.ask('POST', '/tasks', body, headers);
    expect(first).toMatchObject({ status: 202, json: { status: 'running' } });
    expect((await hub.ask('POST', '/tasks', body, headers)).json).toEqual(first.json);
    const { json } = await hub.ask('GET', '/tasks?version=2');
    expect(json.tasks).toMatchObject([{ status: 'running', version: 2 }]);
  });

  it.each([
    ['{}', ['']],
    [{ progress: 101 }, ['/progress']],
    [{ progress: '40' }, ['/progress']],
    [{ status: 'done' }, ['/status']],
    [{ result: 'text' }, ['/result']],
    [{ error: 'x'.repeat(2001) }, ['/error']],
    [{ stauts: 'running', message: 1 }, ['/message', '/stauts']],
    ['[]', ['']],
  ])('refuse %j', async (body, pointers) => {
    await using hub = startTestHub();
    const id = await createTask(hub, { external: true, host: HOST, action: 'legacy' });
    const answer = await hub.ask('PATCH', `/tasks/${id}`, body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
  });

  it('are not those of runners, nor unknown ones', async () => {
    await using hub = startTestHub();
    await hub.startRunner(HOST, [COUNTDOWN]);
    const id = await createTask(hub, { host: HOST, action: 'countdown' });
    expect(await hub.ask('PATCH', `/tasks/${id}`, { status: 'completed' })).toMatchObject({ status: 409 });
    const unknown = 'V1StGXR8_Z5jdHi6B-myT';
    expect(await hub.ask('PATCH', `/tasks/${unknown}`, { status: 'completed' })).toMatchObject({
      status: 404,
    });
  });
});
