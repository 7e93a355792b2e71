import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { CREDENTIAL_PREFIX, type Credential, newCredential } from '@booner/protocol';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { clientOf } from '../http/client-address.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import { peekCredential, SESSION_COOKIE } from './identify.ts';

/** A sign-in makes a credential that each hub holds: beyond these the oldest of the same person ends. */
const MAX_SESSIONS = 50;

/** Who has shown who they are. */
type SignInOutcome = Pick<
  Credential,
  'name' | 'subject' | 'role' | 'scopes' | 'createdBy' | 'madeWithoutSignIn' | 'parentId'
> & {
  readonly lifetimeMs: number;
  /** The session ends then at the latest, in Unix milliseconds; `null`: no such time. */
  readonly endsByMs: number | null;
};

export type SessionDeps = {
  readonly bus: Pick<AccessBus, 'putCredential' | 'removeCredentials'>;
  readonly registry: Pick<CredentialRegistry, 'all' | 'find'>;
};

/** Makes a session and gives it to the browser that asks, in place of the one that it had. Rejects with `BusError`. */
export type StartSession = (c: Context, who: SignInOutcome) => Promise<Credential>;

export function createStartSession({ bus, registry }: SessionDeps): StartSession {
  return async (c, { lifetimeMs, endsByMs, ...who }) => {
    const nowMs = Date.now();
    const expiresAtMs = Math.min(nowMs + lifetimeMs, endsByMs ?? Number.POSITIVE_INFINITY);
    const session = newCredential({ ...who, kind: 'session', createdAtMs: nowMs, expiresAtMs });
    const replaced = peekCredential(c, registry);
    const ended = sessionsOf(registry, session)
      .sort((a, b) => b.createdAtMs - a.createdAtMs)
      .slice(MAX_SESSIONS - 1);
    const { text, hash } = newSecret(CREDENTIAL_PREFIX);
    await bus.putCredential(hash, session);
    const toRemove = [...ended, ...(replaced?.kind === 'session' ? [replaced] : [])].map(({ id }) => id);
    if (toRemove.length > 0) await bus.removeCredentials(toRemove);
    setCookie(c, SESSION_COOKIE, text, {
      ...attributesOf(c),
      maxAge: Math.floor((expiresAtMs - nowMs) / 1000),
    });
    return session;
  };
}

/** All sessions of one person that began alike: with the same token, or at the identity provider. */
export const sessionsOf = (
  registry: Pick<CredentialRegistry, 'all'>,
  { subject, parentId }: Pick<Credential, 'subject' | 'parentId'>,
): Credential[] =>
  [...registry.all()].filter(
    (each) => each.kind === 'session' && each.subject === subject && each.parentId === parentId,
  );

/** Takes the session from the browser that asks. */
export const forgetSession = (c: Context): void => void deleteCookie(c, SESSION_COOKIE, attributesOf(c));

/** No script reads it, and no other site's page has it sent. Over plain HTTP a `Secure` cookie would not be kept. */
const attributesOf = (c: Context) =>
  ({
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure: clientOf(c).protocol === 'https',
  }) as const;
