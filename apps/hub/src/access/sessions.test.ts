import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, type Credential } from '@booner/protocol';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { putCredential } from '../testing/test-access.ts';
import { CredentialRegistry } from './credential-registry.ts';
import { SESSION_COOKIE } from './identify.ts';
import { clearSessionCookie, createStartSession, sessionsOf } from './sessions.ts';

const HOUR_MS = 3_600_000;

const ADA = {
  name: 'ada',
  subject: 'ada@example.org',
  role: 'operator',
  scopes: ALL_SCOPES,
  createdBy: 'ada@example.org',
  parentId: null,
  lifetimeMs: HOUR_MS,
  endsByMs: null,
} as const;

/** Starts an app that signs in whoever asks for `/`, on a bus in memory. */
function start(identity: Partial<Parameters<ReturnType<typeof createStartSession>>[1]> = {}) {
  const bus = createMemoryBus().startAccess();
  const registry = new CredentialRegistry({ bus, log: recordingLog().log });
  onTestFinished(async () => {
    registry[Symbol.dispose]();
    await bus[Symbol.asyncDispose]();
  });
  const startSession = createStartSession({ bus, registry });
  const app = new Hono()
    .post('/', async (c) => c.json(await startSession(c, { ...ADA, ...identity })))
    .delete('/', (c) => {
      clearSessionCookie(c);
      return c.body(null);
    });
  const send = async (
    method: string,
    { headers = {}, encrypted = false }: { headers?: Record<string, string>; encrypted?: boolean } = {},
  ) => {
    const env = { incoming: { socket: { remoteAddress: '10.0.0.9', encrypted } } };
    const response = await app.request('/', { method, headers }, env);
    const cookie = response.headers.get('set-cookie') ?? '';
    const text = new RegExp(`^(?:__Host-)?${SESSION_COOKIE.name}=([^;]*)`).exec(cookie)?.[1] ?? '';
    return { cookie, text, session: registry.find(hashSecret(text)) };
  };
  return { bus, registry, send };
}

const cookie = (text: string) => ({ cookie: `${SESSION_COOKIE.name}=${text}` });

describe('a session', () => {
  it('is a credential whose secret only the cookie holds', async () => {
    const { bus, send } = start();
    const { text, session } = await send('POST');
    expect(text).toMatch(/^bnr_[\w-]{43}$/);
    expect(session).toMatchObject({ kind: 'session', subject: 'ada@example.org', role: 'operator' });
    expect(JSON.stringify([...bus.credentials().values()])).not.toContain(text);
  });

  it('has a cookie that scripts cannot read and other sites do not send, and over TLS a secure one', async () => {
    const { send } = start();
    const plain = await send('POST');
    expect(plain.cookie).toContain('; HttpOnly');
    expect(plain.cookie).toContain('; SameSite=Strict');
    expect(plain.cookie).toContain('; Path=/');
    expect(plain.cookie).toContain('; Max-Age=3600');
    expect(plain.cookie).not.toContain('Secure');
    const secure = await send('POST', { encrypted: true });
    expect(secure.cookie).toMatch(/^__Host-/);
    expect(secure.cookie).toContain('; Path=/');
    expect(secure.cookie).toContain('; Secure');
    expect(secure.cookie).not.toContain('Domain');
    expect((await send('DELETE', { encrypted: true })).cookie).toMatch(/^__Host-\w+=; Max-Age=0; .*Secure/);
  });

  it('ends with its token, even if its own lifetime is longer', async () => {
    const endsByMs = Date.now() + 60_000;
    const { send } = start({ endsByMs });
    const { cookie, session } = await send('POST');
    expect(session?.expiresAtMs).toBe(endsByMs);
    expect(Number(/Max-Age=(\d+)/.exec(cookie)?.[1])).toBeLessThanOrEqual(60);
  });

  it('replaces the session of the same browser, but never a token', async () => {
    const { bus, registry, send } = start();
    const first = await send('POST');
    const second = await send('POST', { headers: cookie(first.text) });
    expect(registry.find(hashSecret(first.text))).toBeNull();
    expect(second.session).not.toBeNull();
    const token = await putCredential(bus);
    await send('POST', { headers: { authorization: `Bearer ${token.text}` } });
    expect(registry.isActive(token.credential.id)).toBe(true);
    expect(registry.find(hashSecret(second.text))).not.toBeNull();
  });

  it('ends the oldest of more than 50 sessions of the same person, and no other', async () => {
    const { bus, registry, send } = start();
    const put = async (changes: Partial<Credential>) =>
      (await putCredential(bus, { kind: 'session', subject: ADA.subject, ...changes })).credential.id;
    const own: string[] = [];
    for (let createdAtMs = 60; createdAtMs > 0; createdAtMs -= 1) own.unshift(await put({ createdAtMs }));
    const token = await putCredential(bus, { subject: ADA.subject, createdAtMs: 0 });
    const others = [
      token.credential.id,
      await put({ subject: 'bob@example.org', createdAtMs: 0 }),
      await put({ parentId: token.credential.id, createdAtMs: 0 }),
    ];
    const { session } = await send('POST');
    expect(own.filter((id) => registry.isActive(id))).toEqual(own.slice(11));
    expect(others.filter((id) => registry.isActive(id))).toEqual(others);
    expect(sessionsOf(registry, session!)).toHaveLength(50);
  });
});

it('a browser is made to delete the cookie of its session', async () => {
  const { send } = start();
  const { cookie: header } = await send('DELETE', { headers: cookie('bnr_x') });
  expect(header).toContain(`${SESSION_COOKIE.name}=; Max-Age=0; Path=/`);
});
