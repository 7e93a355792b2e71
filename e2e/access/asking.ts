import type { HubProcess } from '@booner/testkit';
import { expect } from 'vitest';

export type Asked = {
  readonly token?: string;
  /** The session's cookie, as `name=value`. */
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
};

/** Sends a request to a hub with the given credentials. */
export async function ask(
  hub: HubProcess,
  method: string,
  path: string,
  { token, cookie, headers = {}, body }: Asked = {},
): Promise<Answer> {
  const response = await hub.get(path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : null };
}

export type MadeToken = { readonly id: string; readonly token: string };

/** Creates a token as the admin. */
export async function makeToken(hub: HubProcess, token: object): Promise<MadeToken> {
  const made = await ask(hub, 'POST', '/tokens', { token: hub.adminToken, body: token });
  expect(made.status).toBe(201);
  return made.json;
}

export async function revoke(hub: HubProcess, id: string): Promise<void> {
  const answer = await ask(hub, 'DELETE', `/tokens/${id}`, { token: hub.adminToken });
  expect(answer.status).toBe(200);
}

/** Signs a browser in. @returns its cookie */
export async function signIn(hub: HubProcess, token: string): Promise<string> {
  const answer = await ask(hub, 'POST', '/auth/session', { body: { token } });
  expect(answer.status).toBe(200);
  return cookieOf(answer);
}

export const cookieOf = ({ headers }: Answer): string => headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';

/** A well-formed token that was never issued. */
export const madeUp = (seed = ''): string => `bnr_${seed.padEnd(43, 'A')}`;
