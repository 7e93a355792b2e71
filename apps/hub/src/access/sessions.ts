import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { CREDENTIAL_PREFIX, type Credential, newCredential } from '@booner/protocol';
import type { Context } from 'hono';
import { clearCookie, writeCookie } from './cookies.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import { peekCredential, SESSION_COOKIE } from './identify.ts';

/**
 * Sessions per person. Each one takes memory in every hub. Beyond them a sign-in ends the oldest.
 */
const MAX_SESSIONS = 50;
/** Requests that create credentials need a sign-in within this time. */
export const RECENT_MS = 15 * 60_000;

/** The identity that a sign-in has proved, and the lifetime of its session. */
type SignInOutcome = Pick<
  Credential,
  'name' | 'subject' | 'role' | 'scopes' | 'createdBy' | 'madeWithoutSignIn' | 'parentId' | 'confirmedAtMs'
> & {
  readonly lifetimeMs: number;
  /** Latest end of the session, in Unix milliseconds; `null`: no limit. */
  readonly endsByMs: number | null;
};

export type SessionDeps = {
  readonly bus: Pick<AccessBus, 'putCredential' | 'removeCredentials'>;
  readonly registry: Pick<CredentialRegistry, 'all' | 'find'>;
};

/**
 * Creates a session and sets its cookie. Replaces the session that the browser had. Rejects with
 * `BusError`.
 */
export type StartSession = (c: Context, identity: SignInOutcome) => Promise<Credential>;

export function createStartSession({ bus, registry }: SessionDeps): StartSession {
  return async (c, { lifetimeMs, endsByMs, ...identity }) => {
    const nowMs = Date.now();
    const expiresAtMs = Math.min(nowMs + lifetimeMs, endsByMs ?? Number.POSITIVE_INFINITY);
    const session = newCredential({ ...identity, kind: 'session', createdAtMs: nowMs, expiresAtMs });
    const replaced = peekCredential(c, registry);
    const excess = sessionsOf(registry, session)
      .sort((a, b) => b.createdAtMs - a.createdAtMs)
      .slice(MAX_SESSIONS - 1);
    const { text, hash } = newSecret(CREDENTIAL_PREFIX);
    await bus.putCredential(hash, session);
    const toRemove = [...excess, ...(replaced?.kind === 'session' ? [replaced] : [])].map(({ id }) => id);
    if (toRemove.length > 0) await bus.removeCredentials(toRemove);
    writeSessionCookie(c, text, session);
    return session;
  };
}

/**
 * Checks that a person has proved recently who they are: a stolen session must not create what
 * outlives it. Tokens prove it with each request.
 */
export const isRecent = ({ kind, createdAtMs, confirmedAtMs = createdAtMs }: Credential): boolean =>
  kind !== 'session' || Date.now() - confirmedAtMs < RECENT_MS;

/** Finds the sessions of one person with the same origin: a token, or the identity provider. */
export const sessionsOf = (
  registry: Pick<CredentialRegistry, 'all'>,
  { subject, parentId }: Pick<Credential, 'subject' | 'parentId'>,
): Credential[] =>
  [...registry.all()].filter(
    (each) => each.kind === 'session' && each.subject === subject && each.parentId === parentId,
  );

/** Sets the session cookie of the browser. It lasts as long as the session. */
export function writeSessionCookie(c: Context, text: string, { expiresAtMs }: Credential): void {
  const leftMs = (expiresAtMs ?? 0) - Date.now(); // every session expires
  writeCookie(c, SESSION_COOKIE, text, Math.max(0, Math.ceil(leftMs / 1000)));
}

/** Deletes the session cookie of the browser. */
export const clearSessionCookie = (c: Context): void => clearCookie(c, SESSION_COOKIE);
