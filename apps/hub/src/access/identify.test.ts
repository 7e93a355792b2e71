import { createMemoryBus } from '@booner/bus/memory';
import { newSecret } from '@booner/bus/secrets';
import { type Credential, TICKET_PREFIX } from '@booner/protocol';
import { type Context, Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { putCredential } from '../testing/test-access.ts';
import { CredentialRegistry } from './credential-registry.ts';
import { createFailureLimit } from './failure-limit.ts';
import { createIdentify, type Identified, peekCredential, SESSION_COOKIE } from './identify.ts';

const UPGRADE = { upgrade: 'websocket', connection: 'upgrade' };

/** A hub's identification on a bus in memory; `ask` returns what it makes of a request. */
function start() {
  const bus = createMemoryBus().startAccess();
  const registry = new CredentialRegistry({ bus, accepts: () => true, log: recordingLog().log });
  onTestFinished(async () => {
    registry[Symbol.dispose]();
    await bus[Symbol.asyncDispose]();
  });
  const identify = createIdentify({ bus, registry, limit: createFailureLimit() });
  const inContext = async <T>(
    headers: Record<string, string>,
    path: string,
    read: (c: Context) => T | Promise<T>,
  ): Promise<T> => {
    let result: T | undefined;
    const app = new Hono().all('*', async (c) => {
      result = await read(c);
      return c.body(null);
    });
    await app.request(path, { headers });
    return result as T;
  };
  const ask = (headers: Record<string, string>, path = '/tasks'): Promise<Identified> =>
    inContext(headers, path, identify);
  const peek = (headers: Record<string, string>): Promise<Credential | null> =>
    inContext(headers, '/tasks', (c) => peekCredential(c, registry));
  const putTicket = async (credentialId: string) => {
    const { text, hash } = newSecret(TICKET_PREFIX);
    await bus.putTicket(hash, { credentialId }, 60_000);
    return text;
  };
  return { bus, ask, peek, putTicket };
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const cookie = (text: string) => ({ cookie: `${SESSION_COOKIE.name}=${text}` });

describe('a request', () => {
  it('is of nobody without a credential, and with one of another scheme', async () => {
    const { ask } = start();
    const others: Record<string, string>[] = [{}, { authorization: 'Basic YTpi' }, cookie('')];
    for (const headers of others) {
      expect(await ask(headers)).toEqual({ type: 'nobody' });
    }
  });

  it('is known by a token as bearer and by a session as cookie, and by neither the other way round', async () => {
    const { bus, ask } = start();
    const token = await putCredential(bus, { kind: 'token' });
    const session = await putCredential(bus, { kind: 'session' });
    expect(await ask(bearer(token.text))).toMatchObject({
      type: 'known',
      by: 'bearer',
      credential: { id: token.credential.id },
    });
    expect(await ask(cookie(session.text))).toMatchObject({
      type: 'known',
      by: 'cookie',
      credential: { id: session.credential.id },
    });
    expect(await ask(cookie(token.text))).toEqual({ type: 'unknown', by: 'cookie' });
    expect(await ask(bearer(session.text))).toEqual({ type: 'unknown', by: 'bearer' });
  });

  it('is never known by a sign-in link', async () => {
    const { bus, ask } = start();
    const { text } = await putCredential(bus, { kind: 'link' });
    expect(await ask(bearer(text))).toEqual({ type: 'unknown', by: 'bearer' });
  });

  it('is judged by its bearer token, whatever cookie the browser adds', async () => {
    const { bus, ask } = start();
    const session = await putCredential(bus, { kind: 'session' });
    expect(await ask({ ...bearer('bnr_wrong'), ...cookie(session.text) })).toEqual({
      type: 'unknown',
      by: 'bearer',
    });
  });

  it('is limited after ten different wrong credentials, but never with a valid one', async () => {
    const { bus, ask, putTicket } = start();
    const token = await putCredential(bus, { kind: 'token' });
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await ask(bearer(`bnr_${guess}`))).toMatchObject({ type: 'unknown' });
    }
    expect(await ask(bearer('bnr_eleventh'))).toMatchObject({ type: 'limited', waitMs: expect.any(Number) });
    expect(await ask(bearer(token.text))).toMatchObject({ type: 'known' });
    const offer = { ...UPGRADE, 'sec-websocket-protocol': await putTicket(token.credential.id) };
    expect(await ask(offer, '/ws/tasks/updates')).toMatchObject({ type: 'known', by: 'ticket' });
    expect(await ask(offer, '/ws/tasks/updates')).toMatchObject({ type: 'limited' });
  });

  it('counts a revoked token, shown again and again, as one guess', async () => {
    const { ask } = start();
    for (let time = 0; time < 30; time += 1) {
      expect(await ask(bearer('bnr_revoked'))).toEqual({ type: 'unknown', by: 'bearer' });
    }
  });
});

describe('a ticket', () => {
  it('is good for one upgrade, beside other subprotocols', async () => {
    const { bus, ask, putTicket } = start();
    const { credential } = await putCredential(bus, { kind: 'session' });
    const headers = { ...UPGRADE, 'sec-websocket-protocol': `booner.v2, ${await putTicket(credential.id)}` };
    expect(await ask(headers, '/ws/tasks/updates')).toMatchObject({
      type: 'known',
      by: 'ticket',
      credential: { id: credential.id },
    });
    expect(await ask(headers, '/ws/tasks/updates')).toEqual({ type: 'unknown', by: 'ticket' });
  });

  it('is not looked at elsewhere, so that a leaked one cannot create a token', async () => {
    const { bus, ask, putTicket } = start();
    const { credential } = await putCredential(bus, { kind: 'session' });
    const offer = { 'sec-websocket-protocol': await putTicket(credential.id) };
    expect(await ask({ ...UPGRADE, ...offer }, '/tokens')).toEqual({ type: 'nobody' });
    expect(await ask(offer, '/ws/tasks/updates')).toEqual({ type: 'nobody' });
    expect(await ask({ ...UPGRADE, ...offer }, '/ws/tasks/updates')).toMatchObject({ type: 'known' });
  });

  it('ends with its credential', async () => {
    const { bus, ask, putTicket } = start();
    const { credential } = await putCredential(bus, { kind: 'session' });
    const offer = { ...UPGRADE, 'sec-websocket-protocol': await putTicket(credential.id) };
    await bus.removeCredentials([credential.id]);
    expect(await ask(offer, '/ws/tasks/updates')).toEqual({ type: 'unknown', by: 'ticket' });
  });
});

it('peeks at what the hub knows, without a guess and without tickets', async () => {
  const { bus, ask, peek } = start();
  const { text, credential } = await putCredential(bus, { kind: 'token' });
  expect(await peek(bearer(text))).toMatchObject({ id: credential.id });
  for (let guess = 0; guess < 20; guess += 1) expect(await peek(bearer(`bnr_${guess}`))).toBeNull();
  expect(await ask(bearer('bnr_first'))).toMatchObject({ type: 'unknown' });
});
