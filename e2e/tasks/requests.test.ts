import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubProcess } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughout } from '../fleet/throughout.ts';
import { shell } from './actions.ts';
import { processesWith } from './process-table.ts';
import { HOST, send, startTaskBed, type TaskBed } from './task-bed.ts';

const TIMES = 50;
const OTHER_HOST = '10.0.0.3';

let bed: TaskBed;

beforeAll(async () => {
  bed = await startTaskBed({
    hubs: 2,
    actions: (directory) => ({
      trace: shell('printenv TRACEPARENT || echo none'),
      deploy: {
        ...shell('echo "$BOONER_TASK_ID" >> "$1/starts"; echo "$2"', directory, '{{version}}'),
        parameters: [
          { name: 'version', type: 'string', pattern: 'v[0-9.]+', required: true },
          { name: 'count', type: 'integer', min: 1, max: 10 },
          { name: 'slot', type: 'choice', choices: ['blue', 'green'] },
          { name: 'force', type: 'boolean' },
          { name: 'note', type: 'string', maxLength: 4096 },
        ],
      },
    }),
  });
});
afterAll(() => bed[Symbol.asyncDispose]());

const otherHub = () => bed.hubs[1] as HubProcess;
const started = async () => (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');

/** Sends a request with this exact body. */
async function sendRaw(
  path: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await bed.hub.get(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = (await response.json()) as { errors?: readonly { pointer: string }[] };
  return {
    status: response.status,
    mediaType: response.headers.get('content-type'),
    answer,
    pointers: answer.errors?.map(({ pointer }) => pointer),
  };
}

const deploy = (params: string, more = '') =>
  `{"host":"${HOST}","action":"deploy","params":${params}${more}}`;
const version = (text: string) => deploy(`{"version":${text}}`);
const noted = (text: string) => deploy(`{"version":"v1","note":${text}}`);
const hosted = (text: string) => `{"host":${text},"action":"deploy","params":{"version":"v1"}}`;
const named = (text: string) => `{"host":"${HOST}","action":${text},"params":{"version":"v1"}}`;

describe('an invalid request for a task', () => {
  it.each<[what: string, body: string | Buffer<ArrayBuffer>, status: number, pointers: readonly string[]]>([
    ['an unknown host', hosted('"10.9.9.9"'), 404, ['/host']],
    ['the host *', hosted('"*"'), 400, ['/host']],
    ['the host ../x', hosted('"../x"'), 400, ['/host']],
    ['a host with a space', hosted('"a b"'), 400, ['/host']],
    ['a host with NUL', hosted('"10.0.0.2\\u0000"'), 400, ['/host']],
    ['a host of 300 characters', hosted(`"${'a'.repeat(300)}"`), 400, ['/host']],
    ['a host that is a number', hosted('10'), 400, ['/host']],
    ['no host', '{"action":"deploy"}', 400, ['/host']],
    ['an unknown action', named('"shutdown"'), 404, ['/action']],
    ['an action that is an option', named('"--flag"'), 404, ['/action']],
    ['an action that is a command', named('"deploy;id"'), 404, ['/action']],
    ['an action that is a substitution', named('"$(id)"'), 404, ['/action']],
    ['an action with NUL', named('"deploy\\u0000"'), 404, ['/action']],
    ['an action that is a path', named('"../../bin/sh"'), 404, ['/action']],
    ['an action of 1,000 characters', named(`"${'a'.repeat(1000)}"`), 400, ['/action']],
    ['an action that is an object', named('{}'), 400, ['/action']],
    ['an unknown parameter', deploy('{"version":"v1","nope":1}'), 422, ['/params/nope']],
    ['a parameter named __proto__', deploy('{"version":"v1","__proto__":{}}'), 422, ['/params/__proto__']],
    [
      'a parameter named constructor',
      deploy('{"version":"v1","constructor":1}'),
      422,
      ['/params/constructor'],
    ],
    ['a required parameter that is absent', deploy('{}'), 422, ['/params/version']],
    ['a value ;id', version('"v1;id"'), 422, ['/params/version']],
    ['a value $(id)', version('"$(id)"'), 422, ['/params/version']],
    ['a value with a match in its middle', version('"x\\nv1\\nx"'), 422, ['/params/version']],
    ['an option', noted('"--flag"'), 422, ['/params/note']],
    ['a value with NUL', noted('"a\\u0000b"'), 422, ['/params/note']],
    ['a value with a newline', noted('"a\\nb"'), 422, ['/params/note']],
    ['a value with a carriage return', noted('"a\\rb"'), 422, ['/params/note']],
    ['half of a surrogate pair', noted('"\\ud800"'), 422, ['/params/note']],
    ['a text over its bound', noted(`"${'a'.repeat(4097)}"`), 422, ['/params/note']],
    ['parameters of 17 KiB', noted(`"${'a'.repeat(17 * 1024)}"`), 400, ['/params']],
    ['a number for a text', version('1'), 422, ['/params/version']],
    ['an object for a text', version('{"a":1}'), 422, ['/params/version']],
    ['an array for a text', version('["v1"]'), 422, ['/params/version']],
    ['null for a text', version('null'), 422, ['/params/version']],
    ['a text for a number', deploy('{"version":"v1","count":"3"}'), 422, ['/params/count']],
    ['a fraction for a whole number', deploy('{"version":"v1","count":1.5}'), 422, ['/params/count']],
    ['a number out of its range', deploy('{"version":"v1","count":11}'), 422, ['/params/count']],
    ['a number that no double holds', deploy('{"version":"v1","count":1e999}'), 400, ['/params/count']],
    ['no choice', deploy('{"version":"v1","slot":"red"}'), 422, ['/params/slot']],
    ['a text for a boolean', deploy('{"version":"v1","force":"yes"}'), 422, ['/params/force']],
    ['several issues', deploy('{"version":"x","count":0}'), 422, ['/params/version', '/params/count']],
    ['parameters that are an array', deploy('["v1"]'), 400, ['/params']],
    ['parameters nested 9 deep', noted(nested(9)), 400, ['/params']],
    ['an array nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), 400, ['/0'.repeat(32)]],
    ['a host twice', `{"host":"10.9.9.9",${hosted(`"${HOST}"`).slice(1)}`, 400, ['/host']],
    ['a parameter twice', deploy('{"version":"v1","version":"v2"}'), 400, ['/params/version']],
    [
      'a parameter twice in two spellings',
      deploy('{"version":"v1","\\u0076ersion":"v2"}'),
      400,
      ['/params/version'],
    ],
    ['an unknown field', deploy('{"version":"v1"}', ',"user":"root"'), 400, ['/user']],
    ['a state of its own', deploy('{"version":"v1"}', ',"status":"completed"'), 400, ['/status']],
    ['an array', '[]', 400, ['']],
    ['null', 'null', 400, ['']],
    ['no JSON', '{"host":', 400, ['']],
    ['NaN', deploy('{"version":"v1","count":NaN}'), 400, ['']],
    ['nothing', '', 400, ['']],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, ['']],
  ])('is answered by a problem with a pointer: %s', async (_what, body, status, pointers) => {
    const answer = await sendRaw('/tasks', body);
    expect(answer).toMatchObject({ status, pointers, answer: { status, title: expect.any(String) } });
    expect(answer.mediaType).toMatch(/^application\/problem\+json/);
    expect(JSON.stringify(answer.answer).length).toBeLessThan(4096); // what was sent is not sent back
  });

  it.each<[what: string, path: string, body: string, headers: Record<string, string>, status: number]>([
    ['a form', '/tasks', 'host=10.0.0.2', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a text that is JSON', '/tasks', version('"v1"'), { 'content-type': 'text/plain' }, 415],
    ['a key with a space', '/tasks', version('"v1"'), { 'idempotency-key': 'a b' }, 400],
    ['a key of 300 characters', '/tasks', version('"v1"'), { 'idempotency-key': 'a'.repeat(300) }, 400],
    ['a path of an earlier script that nobody offers', '/game/deploy', '{"target_host":"10.0.0.2"}', {}, 404],
    ['a bad host on such a path', '/game/deploy', '{"target_host":"$(id)"}', {}, 400],
    ['another site', '/tasks', version('"v1"'), { origin: 'http://evil.example' }, 403],
  ])('is answered by a problem: %s', async (_what, path, body, headers, status) => {
    const answer = await sendRaw(path, body, headers);
    expect(answer).toMatchObject({ status, answer: { status, title: expect.any(String) } });
    expect(answer.mediaType).toMatch(/^application\/problem\+json/);
  });

  it("is refused if it has 1 MB, and the client's next request on its connection is answered", async () => {
    expect(await sendRaw('/tasks', noted(`"${'a'.repeat(2 ** 20)}"`))).toMatchObject({
      status: 413,
      answer: { status: 413, title: 'Body too large' },
    });
    await throughout(1000, async () => expect((await bed.hub.get('/healthz')).status).toBe(200));
  });

  it('creates no task and starts nothing; a valid one does', async () => {
    expect(await bed.operator.xlen(`booner:queue:${HOST}`)).toBe(0);
    const names = ['booner:tasks', 'booner:events', `booner:queued:${HOST}`];
    const keys = await bed.operator.keys('booner:*');
    expect(keys.filter((key) => names.includes(key) || /^booner:(task|idempotency|log):/.test(key))).toEqual(
      [],
    );
    expect(await runningHere()).toEqual([]);
    await expect(access(join(bed.directory, 'starts'))).rejects.toMatchObject({ code: 'ENOENT' });

    const id = await bed.create('deploy', { version: 'v1.2', note: 'a;id $(id) `id` && id' });
    expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', result: { details: 'v1.2' } });
    expect(await started()).toEqual([id]);
  });
});

describe('an idempotency key', () => {
  it(`that comes ${TIMES} times at once over two hubs creates one task, which runs once`, async () => {
    const body = { host: HOST, action: 'deploy', params: { version: 'v2' } };
    const answers = await Promise.all(
      Array.from({ length: TIMES }, (_, index) =>
        send(index % 2 === 0 ? bed.hub : otherHub(), 'POST', '/tasks', {
          body,
          headers: { 'idempotency-key': 'fifty-at-once' },
        }),
      ),
    );
    const ids = new Set(answers.map((answer) => answer.body.task_id));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(ids.size).toBe(1);
    const [id] = [...ids] as [string];
    expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed' });
    const other = await send(otherHub(), 'POST', '/tasks', {
      body: { ...body, params: { version: 'v3' } },
      headers: { 'idempotency-key': 'fifty-at-once' },
    });
    expect(other).toMatchObject({
      status: 409,
      body: { status: 409, errors: [{ pointer: '/Idempotency-Key' }] },
    });
    expect((await bed.events(id)).map(({ kind }) => kind).filter((kind) => kind !== 'progress')).toEqual([
      'created',
      'started',
      'ended',
    ]);
    expect((await started()).filter((each) => each === id)).toHaveLength(1);
    expect(await bed.operator.zcard('booner:tasks')).toBe((await started()).length);
  });

  it(`that comes ${TIMES} times at once with two bodies creates a task for one of them, and is refused for the other`, async () => {
    const answers = await Promise.all(
      Array.from({ length: TIMES }, async (_, index) => {
        const wanted = index % 2 === 0 ? 'v4' : 'v5';
        const { status, body } = await send(index % 4 < 2 ? bed.hub : otherHub(), 'POST', '/tasks', {
          body: { host: HOST, action: 'deploy', params: { version: wanted } },
          headers: { 'idempotency-key': 'two-bodies' },
        });
        return { wanted, status, id: body.task_id };
      }),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(new Set(accepted.map(({ wanted }) => wanted)).size).toBe(1);
    expect(accepted).toHaveLength(TIMES / 2);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(TIMES / 2);
  });
});

describe('the paths of earlier scripts', () => {
  it('start the action of their name on the only runner that offers it, and ask which one if there are two', async () => {
    const file = { ...shell('echo "$1/$2"', '{{game}}', '{{slot}}') };
    const parameters = ['game', 'slot'].map((name) => ({ name, type: 'string' }));
    await bed.writeAction('game.deploy', { ...file, parameters });
    await bed.untilOffered(['game.deploy']);
    const first = await sendRaw('/game/deploy', '{"game":"chess","slot":"blue"}');
    expect(first).toMatchObject({ status: 202, answer: { status: 'queued', task_id: expect.any(String) } });
    const { task_id: id } = first.answer as unknown as { task_id: string };
    expect(await bed.untilEnded(id)).toMatchObject({
      status: 'completed',
      host: HOST,
      action: 'game.deploy',
      result: { details: 'chess/blue' },
    });

    await bed.addRunner({ hostId: OTHER_HOST });
    await bed.untilOffered(['game.deploy'], OTHER_HOST);
    expect(await sendRaw('/game/deploy', '{"game":"chess"}')).toMatchObject({
      status: 409,
      pointers: ['/target_host'],
      answer: { detail: expect.stringContaining(`${HOST}, ${OTHER_HOST}`) },
    });
    const second = await sendRaw('/game/deploy', `{"game":"go","target_host":"${OTHER_HOST}"}`);
    const { task_id: there } = second.answer as unknown as { task_id: string };
    expect(await bed.untilEnded(there)).toMatchObject({ host: OTHER_HOST, result: { details: 'go/' } });
    expect(await sendRaw('/web/nginx', '')).toMatchObject({ status: 409, pointers: ['/target_host'] });
  });
});

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a trace context', () => {
  it('reaches the process of the task, unless it is invalid', async () => {
    const detailsOf = async (traceparent: string) => {
      const { answer } = await sendRaw('/tasks', `{"host":"${HOST}","action":"trace"}`, { traceparent });
      const { task_id: id } = answer as unknown as { task_id: string };
      const { traceparent: shown, result } = await bed.untilEnded(id);
      return [shown, result?.details];
    };
    expect(await detailsOf(TRACEPARENT)).toEqual([TRACEPARENT, TRACEPARENT]);
    expect(await detailsOf(`01${TRACEPARENT.slice(2)}-more`)).toEqual([TRACEPARENT, TRACEPARENT]);
    expect(await detailsOf(TRACEPARENT.toUpperCase().replace('4B', '4X'))).toEqual([null, 'none']);
  });
});

/** The processes of tasks of this bed. */
const runningHere = async () =>
  (await processesWith(bed.directory)).filter(({ environment }) => environment.includes('BOONER_TASK_ID='));

/** Objects in objects, as JSON, so many levels deep. */
function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}
