import { V2_SUBPROTOCOL } from '@booner/protocol';
import { type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, openRawWebSocket, requestText, upgradeText } from './raw-connection.ts';

const ALLOWED = 'https://status.example.org';
const STREAM = '/ws/system/status';

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ env: { BOONER_ALLOWED_ORIGINS: ALLOWED } });
});
afterAll(() => hub[Symbol.asyncDispose]());

const refused: readonly (readonly [what: string, headers: () => Record<string, string>])[] = [
  ['a page of another site', () => ({ Origin: 'http://evil.example' })],
  ['a page of no site', () => ({ Origin: 'null' })],
  ['a page of another port of this machine', () => ({ Origin: 'http://127.0.0.1:1' })],
  ['an allowed host by another scheme', () => ({ Origin: 'http://status.example.org' })],
  ['a site whose name begins as an allowed one', () => ({ Origin: `${ALLOWED}.evil.example` })],
  ['an Origin that is none', () => ({ Origin: '[' })],
  [
    'a name that was pointed at this machine',
    () => ({ Host: `evil.example:${hub.port}`, Origin: `http://evil.example:${hub.port}` }),
  ],
  ['a foreign Host without an Origin', () => ({ Host: 'evil.example' })],
  ['a Host that begins as localhost', () => ({ Host: 'localhost.evil.example' })],
];

describe('a hub', () => {
  it.for(refused)('refuses %s with 403, in requests and upgrades', async ([, headers]) => {
    const request = await exchange(hub.port, requestText(hub.port, '/system/status', headers()));
    expect(request.status).toBe(403);
    expect(request.head).toMatch(/content-type: application\/problem\+json/i);
    expect(request.head).not.toMatch(/access-control-allow-origin/i);
    expect(JSON.parse(request.body)).toMatchObject({ status: 403 });
    const upgrade = await exchange(hub.port, upgradeText(hub.port, STREAM, headers()));
    expect(upgrade.status).toBe(403);
    expect(upgrade.body).not.toContain('main_server');
  });

  it('accepts its own pages, by each name of this machine', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'hub.localhost', '[::1]']) {
      const host = `${name}:${hub.port}`;
      const headers = { Host: host, Origin: `http://${host}` };
      const answer = await exchange(hub.port, requestText(hub.port, '/healthz', headers));
      expect(answer.status, name).toBe(200);
    }
  });

  it('accepts pages of an allowed origin, and names only that origin to browsers', async () => {
    const allowed = await hub.get('/system/status', { headers: { origin: ALLOWED } });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(allowed.headers.get('vary')).toMatch(/origin/i);
    const preflight = await hub.get('/targets', {
      method: 'OPTIONS',
      headers: { origin: ALLOWED, 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    const none = await hub.get('/system/status');
    expect(none.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.for([
    ['no page at all', () => ({})],
    ['its own page', () => ({ Origin: hub.url })],
    ['a page of an allowed origin', () => ({ Origin: ALLOWED })],
  ] as const)('upgrades for %s', async ([, headers]) => {
    const socket = await openRawWebSocket(hub.port, {
      headers: { 'Sec-WebSocket-Protocol': V2_SUBPROTOCOL, ...headers() },
    });
    socket.destroy();
  });
});
