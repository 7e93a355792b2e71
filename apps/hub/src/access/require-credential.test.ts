import type { Credential, Role } from '@booner/protocol';
import type { Context } from 'hono';
import { describe, expect, it } from 'vitest';
import { type AccessRule, PUBLIC, route, serve } from '../http/route.ts';
import { createTestApp } from '../testing/test-app.ts';
import { createFailureLimit } from './failure-limit.ts';
import type { Identified } from './identify.ts';
import { principalOf } from './principal.ts';
import { noteForAudit, requireCredential } from './require-credential.ts';

const credential = (role: Role): Credential => ({
  id: 'credential--',
  kind: 'token',
  name: 'ci',
  role,
  scopes: { hosts: null, actions: null, reads: null },
  subject: 'ci',
  createdAtMs: 1,
  expiresAtMs: null,
  createdBy: 'a test',
  parentId: null,
});
const known = (role: Role, by: 'bearer' | 'cookie' = 'bearer'): Identified => ({
  type: 'known',
  credential: credential(role),
  by,
});

type Options = {
  readonly access?: AccessRule;
  readonly isRequired?: boolean;
  readonly identified?: Identified;
  readonly handle?: (c: Context) => Response;
};

/** A hub with one route, `/x`, that is asked by an identity. */
function start({
  access = { role: 'viewer' },
  isRequired = true,
  identified = { type: 'nobody' },
  handle,
}: Options) {
  const recorded: unknown[] = [];
  const used: string[] = [];
  const limit = createFailureLimit();
  let asked = 0;
  const authorize = requireCredential({
    isRequired,
    publicOrigin: 'https://hub.example.org',
    identify: async () => {
      asked += 1;
      return identified;
    },
    registry: { find: () => null },
    limit,
    lastUsed: { note: (id) => used.push(id) },
    audit: { record: (event) => void recorded.push(event) },
  });
  const answer = handle ?? ((c) => c.text(c.get('principal')?.subject ?? 'none'));
  const methods = ['get', 'post'] as const;
  const app = createTestApp({
    authorize,
    routes: methods.map((method) => serve(route({ method, path: '/x', access }), answer)),
  });
  const ask = async (method = 'GET', headers: Record<string, string> = {}, path = '/x') => {
    const response = await app.request(path, { method, headers: { host: 'localhost', ...headers } });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { ask, recorded, used, limit, asked: () => asked };
}

describe('a route for a role', () => {
  it.each([
    ['viewer', 'viewer', 200],
    ['viewer', 'operator', 403],
    ['viewer', 'admin', 403],
    ['operator', 'viewer', 200],
    ['operator', 'operator', 200],
    ['operator', 'admin', 403],
    ['admin', 'operator', 200],
    ['admin', 'admin', 200],
  ] as const)('answers %s on a route for %s with %i', async (role, needed, status) => {
    const { ask, used, recorded } = start({ access: { role: needed }, identified: known(role) });
    expect((await ask()).status).toBe(status);
    expect(used).toEqual(status === 200 ? ['credential--'] : []);
    expect(recorded).toEqual(status === 200 ? [] : [expect.objectContaining({ verdict: 'denied' })]);
  });

  it('answers 401 without a credential, and does not record that', async () => {
    const { ask, recorded } = start({});
    const answer = await ask();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="booner"');
    expect(recorded).toEqual([]);
  });

  it('answers 401 with an invalid one, and records that', async () => {
    const { ask, recorded } = start({ identified: { type: 'unknown', by: 'bearer' } });
    const answer = await ask();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    expect(recorded).toEqual([
      expect.objectContaining({ verb: 'authenticate', principal: null, verdict: 'denied' }),
    ]);
  });

  it('answers 429 to an address with too many failures', async () => {
    const { ask } = start({ identified: { type: 'limited', waitMs: 12_300 } });
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '13']);
  });

  it('is for everybody on a hub that does not require sign-in', async () => {
    const { ask, asked } = start({ access: { role: 'admin' }, isRequired: false });
    expect((await ask('POST')).status).toBe(200);
    expect(asked()).toBe(0);
  });
});

describe('a session cookie', () => {
  const cookie = { access: { role: 'viewer' }, identified: known('admin', 'cookie') } as const;

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'http://other.localhost' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ])('may change something from a page with %j: %i', async (headers, status) => {
    const asked = start(cookie);
    const answer = await asked.ask('POST', headers as Record<string, string>);
    expect(answer.status).toBe(status);
  });

  it('may read from a link on another site, but not open a stream', async () => {
    const { ask } = start(cookie);
    expect((await ask('GET', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
    expect((await ask('GET', { 'sec-fetch-site': 'cross-site', upgrade: 'websocket' })).status).toBe(403);
  });

  it('does not restrict tokens, which no browser adds by itself', async () => {
    const { ask } = start({ identified: known('admin') });
    expect((await ask('POST', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });
});

describe('a public route', () => {
  it('is served without looking at credentials, and has no principal', async () => {
    const { ask, asked } = start({ access: PUBLIC });
    expect(await ask()).toMatchObject({ status: 200, text: 'none' });
    expect(asked()).toBe(0);
    const { ask: askPrincipal } = start({
      access: PUBLIC,
      handle: (c) => c.text(`${principalOf(c).subject}`),
    });
    expect((await askPrincipal()).status).toBe(500);
  });

  it('can answer 429 to further failures of an address, and still serves what succeeds', async () => {
    const { ask } = start({
      access: { role: null, limited: true },
      handle: (c) => c.text('', c.req.method === 'POST' ? 401 : 200),
    });
    for (let time = 0; time < 10; time += 1) expect((await ask('POST')).status).toBe(401);
    const refused = await ask('POST');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect((await ask('GET')).status).toBe(200);
  });
});

describe('a route with a verb', () => {
  it('is recorded with the notes of its handler, and with the verdict of its answer', async () => {
    for (const [status, verdict] of [
      [202, 'allowed'],
      [404, 'failed'],
      [403, 'denied'],
    ] as const) {
      const { ask, recorded } = start({
        access: { role: 'operator', verb: 'thing.do' },
        identified: known('operator'),
        handle: (c) => {
          noteForAudit(c, { target: 'a' });
          noteForAudit(c, { target: 'b', detail: 'why' });
          return c.text('', status);
        },
      });
      await ask('POST');
      expect(recorded).toEqual([
        expect.objectContaining({
          verb: 'thing.do',
          target: 'b',
          detail: 'why',
          verdict,
          principal: expect.objectContaining({ subject: 'credential-- ci' }),
        }),
      ]);
    }
  });

  it('says the status of a failure without a note', async () => {
    const { ask, recorded } = start({
      access: { role: null, verb: 'thing.do' },
      handle: (c) => c.text('', 410),
    });
    await ask('POST');
    expect(recorded).toEqual([
      expect.objectContaining({ detail: 'answered 410', verdict: 'failed', principal: null }),
    ]);
  });
});

it('answers 401 before 404 where no route matches, so that only signed-in clients learn that', async () => {
  expect((await start({}).ask('GET', {}, '/nowhere')).status).toBe(401);
  expect((await start({ identified: known('viewer') }).ask('GET', {}, '/nowhere')).status).toBe(404);
});
