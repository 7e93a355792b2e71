import { type AccessBus, BusError } from '@booner/bus';
import { hashSecret, newSecret } from '@booner/bus/secrets';
import {
  type AuthState,
  CREDENTIAL_PREFIX,
  type Credential,
  type SignedIn,
  TICKET_PREFIX,
} from '@booner/protocol';
import type { Context } from 'hono';
import { clientAddress } from '../http/client-address.ts';
import { BUS_UNAVAILABLE, jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { PUBLIC, type Routes, route, serve } from '../http/route.ts';
import { authStateBody, revokedBody, signInBody, ticketBody } from './access-schemas.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import type { FailureLimit } from './failure-limit.ts';
import { findFresh, type Identify, peekCredential, proofOf } from './identify.ts';
import type { LastUsed } from './last-used.ts';
import { auditSubject, isMadeWithoutSignIn, principalOf, principalOfCredential } from './principal.ts';
import { noteForAudit, unidentified } from './require-credential.ts';
import { clearSessionCookie, type StartSession, sessionsOf, writeSessionCookie } from './sessions.ts';

/** Longest session of a browser. It also ends with the token that started it. */
const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;
const TICKET_LIFETIME_MS = 30_000;

export type AuthRoutesDeps = {
  readonly bus: Pick<AccessBus, 'renewCredential' | 'removeCredentials' | 'takeCredential' | 'putTicket'>;
  readonly registry: CredentialRegistry;
  readonly identify: Identify;
  readonly limit: FailureLimit;
  readonly startSession: StartSession;
  readonly lastUsed: Pick<LastUsed, 'note'>;
  readonly isRequired: boolean;
  readonly version: string;
  /** The hub runs without Redis. */
  readonly isEmbedded: boolean;
  readonly oidc: AuthState['oidc'];
};

const tag = 'access';
const TOO_MANY_FAILURES = {
  429: 'Your address failed too often. Retry after the seconds in `Retry-After`.',
};

const stateRoute = route({
  method: 'get',
  path: '/auth',
  access: PUBLIC,
  summary: 'Show who you are signed in as, and whether this hub requires it',
  tag,
  responses: { 200: jsonAnswer('The state', authStateBody) },
  errors: TOO_MANY_FAILURES,
});
const signInRoute = route({
  method: 'post',
  path: '/auth/session',
  access: { role: null, verb: 'sign_in' },
  summary: 'Sign in a browser',
  description: 'With a token or the secret of a sign-in link, which works once. Sets a session cookie.',
  tag,
  request: { body: signInBody },
  responses: { 200: jsonAnswer('Signed in', authStateBody) },
  errors: { 401: 'Invalid token or link', ...TOO_MANY_FAILURES, ...BUS_UNAVAILABLE },
});
const confirmRoute = route({
  method: 'post',
  path: '/auth/session/confirm',
  access: { role: 'viewer', verb: 'session.confirm' },
  summary: 'Confirm the session of this browser',
  description:
    'With the token that it was started with. For 15 minutes the session may then create tokens, links and ' +
    'enrolment keys, as after a sign-in. Replaces the session cookie.',
  tag,
  request: { body: signInBody },
  responses: { 200: jsonAnswer('Confirmed', authStateBody) },
  errors: {
    403: 'Not the token that the session was started with',
    409: 'The request has no session',
    ...TOO_MANY_FAILURES,
  },
});
const signOutRoute = route({
  method: 'delete',
  path: '/auth/session',
  access: { role: 'viewer', verb: 'sign_out' },
  summary: 'Sign out this browser',
  tag,
  responses: { 200: jsonAnswer('The session that ended', revokedBody) },
});
const signOutEverywhereRoute = route({
  method: 'delete',
  path: '/auth/sessions',
  access: { role: 'viewer', verb: 'sign_out' },
  summary: 'Sign out all your browsers',
  description:
    'Ends every session that was started with the same token, or by the same person at the identity provider.',
  tag,
  responses: { 200: jsonAnswer('The sessions that ended', revokedBody) },
});
const ticketRoute = route({
  method: 'post',
  path: '/auth/tickets',
  access: { role: 'viewer' },
  summary: 'Create a ticket for one WebSocket',
  description:
    'For WebSockets that can send neither a header nor a cookie: offer the ticket as a subprotocol, beside ' +
    '`booner.v2` or `booner.v1`, within 30 s.',
  tag,
  responses: { 201: jsonAnswer('The ticket', ticketBody) },
});

/** Sign-in and sign-out of people and their browsers. */
export function authRoutes(deps: AuthRoutesDeps): Routes {
  const { bus, registry, identify, limit, startSession, lastUsed } = deps;

  const stateFor = (credential: Credential | null): AuthState => ({
    required: deps.isRequired,
    version: deps.version,
    embedded: deps.isEmbedded,
    signedIn: credential === null ? null : signedIn(credential, confirmWith(credential)),
    oidc: deps.oidc,
  });

  const confirmWith = ({ kind, parentId }: Credential): SignedIn['confirmWith'] => {
    if (kind !== 'session') return null;
    if (parentId !== null && registry.byId(parentId)?.kind === 'token') return 'token';
    return deps.oidc === null ? null : 'identity_provider';
  };

  /** Finds the credential with a secret. A link is consumed, so that it signs in once. */
  const takeProof = async (text: string): Promise<Credential | null> => {
    const credential = await findFresh(registry, text);
    if (credential?.kind === 'token') return credential;
    const link = credential?.kind === 'link' ? await bus.takeCredential(hashSecret(text)) : null;
    if (link === null || link.parentId === null) return link;
    return (await registry.isActiveNow(link.parentId)) ? link : null;
  };

  return [
    serve(stateRoute, async (c) => {
      const identified = await identify(c).catch((error) => {
        if (!(error instanceof BusError)) throw error;
        return { type: 'nobody' } as const; // the page that reports the outage starts with this answer
      });
      if (identified.type === 'limited') return unidentified(c, identified);
      if (identified.type === 'unknown' && identified.by === 'cookie') clearSessionCookie(c);
      return c.json(stateFor(identified.type === 'known' ? identified.credential : null), 200);
    }),

    serve(signInRoute, async (c, { body }) => {
      const proof = await takeProof(body.token);
      if (proof === null) {
        const waitMs = await limit.count(clientAddress(c), hashSecret(body.token));
        noteForAudit(c, { detail: 'an invalid token or link' });
        if (waitMs !== null) return unidentified(c, { type: 'limited', waitMs });
        const detail =
          'This token or link is unknown, expired, revoked or already used. Ask an admin for a new one.';
        return problem(c, 401, 'Not signed in', detail);
      }
      const isLink = proof.kind === 'link';
      const parentId = isLink ? proof.parentId : proof.id;
      const session = await startSession(c, {
        name: proof.name,
        subject: proof.subject,
        role: proof.role,
        scopes: proof.scopes,
        createdBy: isLink ? proof.createdBy : auditSubject(proof),
        madeWithoutSignIn: isMadeWithoutSignIn(proof),
        parentId,
        lifetimeMs: SESSION_LIFETIME_MS,
        endsByMs: parentId === null ? null : (registry.byId(parentId)?.expiresAtMs ?? null),
      });
      if (!isLink) lastUsed.note(proof.id);
      const detail = isLink ? `with a link of ${proof.createdBy}` : 'with a token';
      noteForAudit(c, { principal: principalOfCredential(session), target: session.id, detail });
      return c.json(stateFor(session), 200);
    }),

    serve(confirmRoute, async (c, { body }) => {
      const session = sessionOf(c, registry);
      const proof = proofOf(c);
      if (session === null || proof === null) {
        return problem(
          c,
          409,
          'No session',
          'Only the session of a browser is confirmed. Tokens need not be.',
        );
      }
      noteForAudit(c, { target: session.id });
      const token = await findFresh(registry, body.token);
      if (token === null) {
        noteForAudit(c, { detail: 'an invalid token' });
        const waitMs = await limit.count(clientAddress(c), hashSecret(body.token));
        if (waitMs !== null) return unidentified(c, { type: 'limited', waitMs });
      }
      if (token?.kind !== 'token' || token.id !== session.parentId) {
        return problem(c, 403, 'Not confirmed', NOT_ITS_TOKEN, [
          { pointer: '/token', detail: 'is another token' },
        ]);
      }
      const confirmed = { ...session, confirmedAtMs: Date.now() };
      const { text, hash } = newSecret(CREDENTIAL_PREFIX); // a stolen copy of the old one ends here
      if (!(await bus.renewCredential(hashSecret(proof.text), hash, confirmed))) {
        return unidentified(c, { type: 'unknown', by: 'cookie' });
      }
      writeSessionCookie(c, text, confirmed);
      return c.json(stateFor(confirmed), 200);
    }),

    serve(signOutRoute, async (c) => {
      const session = sessionOf(c, registry);
      const removed = session === null ? [] : await bus.removeCredentials([session.id]);
      clearSessionCookie(c);
      return c.json({ revoked: removed.map(({ id }) => id) }, 200);
    }),

    serve(signOutEverywhereRoute, async (c) => {
      const known = principalOf(c).credential ?? peekCredential(c, registry);
      const whose = known?.kind === 'token' ? { subject: known.subject, parentId: known.id } : known;
      const sessions = whose === null ? [] : sessionsOf(registry, whose);
      const removed = sessions.length === 0 ? [] : await bus.removeCredentials(sessions.map(({ id }) => id));
      clearSessionCookie(c);
      noteForAudit(c, { detail: `everywhere: ${removed.length} sessions` });
      return c.json({ revoked: removed.map(({ id }) => id) }, 200);
    }),

    serve(ticketRoute, async (c) => {
      const { text, hash } = newSecret(TICKET_PREFIX);
      await bus.putTicket(hash, { credentialId: principalOf(c).credential?.id ?? null }, TICKET_LIFETIME_MS);
      return c.json({ ticket: text, expiresInMs: TICKET_LIFETIME_MS }, 201);
    }),
  ];
}

const NOT_ITS_TOKEN =
  'This is not the token that you signed in with. Enter that one, or sign out and sign in again.';

const signedIn = (
  { id, subject, role, scopes, kind, expiresAtMs }: Credential,
  confirmWith: SignedIn['confirmWith'],
): SignedIn => ({
  subject,
  role,
  scopes,
  kind,
  expiresAtMs,
  credentialId: id,
  confirmWith,
});

/** The session of the browser that sent the request, if this hub knows it. */
function sessionOf(c: Context, registry: CredentialRegistry): Credential | null {
  const known = proofOf(c)?.by === 'cookie' ? peekCredential(c, registry) : null;
  return known?.kind === 'session' ? known : null;
}
