import { type AccessBus, BusError } from '@booner/bus';
import { hashSecret, newSecret } from '@booner/bus/secrets';
import { type AuthState, type Credential, signInSchema, TICKET_PREFIX } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { busRoutes } from '../http/bus-problem.ts';
import { clientAddress } from '../http/client-address.ts';
import { readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { faults, jsonAnswer, jsonRequest } from '../tasks/task-schemas.ts';
import { authStateBody, revokedBody, signInBody, ticketBody } from './access-schemas.ts';
import type { CredentialBook } from './credential-book.ts';
import type { FailureLimit } from './failure-limit.ts';
import { findFresh, type Identify, knownHere, proofOf } from './identify.ts';
import { isMadeWithoutSignIn, principalOf, principalOfCredential } from './principal.ts';
import { noteForAudit, unidentified } from './require-credential.ts';
import { forgetSession, type StartSession, sessionsOf } from './sessions.ts';

/** A browser is signed in for this long at most, and no longer than its token is good. */
const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;
const TICKET_LIFETIME_MS = 30_000;

export type AuthRoutesDeps = {
  readonly bus: Pick<AccessBus, 'putCredential' | 'removeCredentials' | 'takeCredential' | 'putTicket'>;
  readonly book: CredentialBook;
  readonly identify: Identify;
  readonly limit: FailureLimit;
  readonly startSession: StartSession;
  readonly isRequired: boolean;
  readonly version: string;
  readonly oidc: AuthState['oidc'];
  readonly log: Logger;
};

const tags = ['access'];

const stateRoute = createRoute({
  method: 'get',
  path: '/auth',
  summary: 'Who is signed in, and whether one has to be',
  tags,
  responses: { 200: jsonAnswer('The state', authStateBody), ...faults({ 429: 'Too many failures' }) },
});
const signInRoute = createRoute({
  method: 'post',
  path: '/auth/session',
  summary: 'Signs a browser in',
  description:
    'With a token, or with what stands in a sign-in link, which is good once. Answers with a cookie.',
  tags,
  request: { body: jsonRequest(signInBody) },
  responses: {
    200: jsonAnswer('Signed in', authStateBody),
    ...faults({
      400: 'A body of a wrong form',
      401: 'Not a good token or link',
      415: 'Not JSON',
      429: 'Too many failures',
    }),
  },
});
const signOutRoute = createRoute({
  method: 'delete',
  path: '/auth/session',
  summary: 'Signs this browser out',
  tags,
  responses: { 200: jsonAnswer('The session that ended', revokedBody), ...faults({}) },
});
const signOutEverywhereRoute = createRoute({
  method: 'delete',
  path: '/auth/sessions',
  summary: 'Signs all browsers of this person out',
  description: 'All that signed in with the same token, or as the same person at the identity provider.',
  tags,
  responses: {
    200: jsonAnswer('The sessions that ended', revokedBody),
    ...faults({ 401: 'Not signed in' }),
  },
});
const ticketRoute = createRoute({
  method: 'post',
  path: '/auth/tickets',
  summary: 'A ticket for one WebSocket',
  description:
    'To be offered within 30 s as a subprotocol beside `booner.v2` or `booner.v1`, where a WebSocket can have neither a header nor a cookie.',
  tags,
  responses: { 201: jsonAnswer('The ticket', ticketBody), ...faults({ 401: 'Not signed in' }) },
});
/** How people and their browsers sign in and out. */
export function authRoutes(deps: AuthRoutesDeps): OpenAPIHono {
  const { bus, book, identify, limit, startSession, log } = deps;
  const routes = busRoutes(log);

  const stateFor = (credential: Credential | null): AuthState => ({
    required: deps.isRequired,
    version: deps.version,
    signedIn: credential === null ? null : signedIn(credential),
    oidc: deps.oidc,
  });

  routes.openAPIRegistry.registerPath(stateRoute);
  routes.get('/auth', async (c) => {
    const identified = await identify(c).catch((error) => {
      if (!(error instanceof BusError)) throw error;
      return { type: 'nobody' } as const; // the page that is to say that the bus is away begins with this answer
    });
    if (identified.type === 'limited') return unidentified(c, identified);
    if (identified.type === 'unknown' && identified.by === 'cookie') forgetSession(c);
    return c.json(stateFor(identified.type === 'known' ? identified.credential : null), 200);
  });

  /** The credential that a text is: a link is taken, so that it signs in once. */
  const takeProof = async (text: string): Promise<Credential | null> => {
    const credential = await findFresh(book, text);
    if (credential?.kind === 'token') return credential;
    const link = credential?.kind === 'link' ? await bus.takeCredential(hashSecret(text)) : null;
    if (link === null || link.parentId === null) return link;
    return (await book.isGoodNow(link.parentId)) ? link : null;
  };

  routes.openAPIRegistry.registerPath(signInRoute);
  routes.post('/auth/session', async (c) => {
    const body = await readJsonBody(c, signInSchema);
    if (body instanceof Response) return body;
    const proof = await takeProof(body.token);
    if (proof === null) {
      const waitMs = await limit.count(clientAddress(c), hashSecret(body.token));
      noteForAudit(c, { detail: 'a token or link that is not good' });
      if (waitMs !== null) return unidentified(c, { type: 'limited', waitMs });
      return problem(
        c,
        401,
        'Not signed in',
        'The token or link is unknown, has expired, was used or was revoked.',
      );
    }
    const isLink = proof.kind === 'link';
    const parentId = isLink ? proof.parentId : proof.id;
    const session = await startSession(c, {
      name: proof.name,
      subject: proof.subject,
      role: proof.role,
      scopes: proof.scopes,
      createdBy: isLink ? proof.createdBy : proof.subject,
      madeWithoutSignIn: isMadeWithoutSignIn(proof),
      parentId,
      lifetimeMs: SESSION_LIFETIME_MS,
      endsByMs: parentId === null ? null : (book.byId(parentId)?.expiresAtMs ?? null),
    });
    const detail = isLink ? `with a link of ${proof.createdBy}` : 'with a token';
    noteForAudit(c, { principal: principalOfCredential(session), target: session.id, detail });
    return c.json(stateFor(session), 200);
  });

  routes.openAPIRegistry.registerPath(signOutRoute);
  routes.delete('/auth/session', async (c) => {
    const session = sessionOf(c, book);
    const removed = session === null ? [] : await bus.removeCredentials([session.id]);
    forgetSession(c);
    return c.json({ revoked: removed.map(({ id }) => id) }, 200);
  });

  routes.openAPIRegistry.registerPath(signOutEverywhereRoute);
  routes.delete('/auth/sessions', async (c) => {
    const known = principalOf(c).credential ?? knownHere(c, book);
    const whose = known?.kind === 'token' ? { subject: known.subject, parentId: known.id } : known;
    const sessions = whose === null ? [] : sessionsOf(book, whose);
    const removed = sessions.length === 0 ? [] : await bus.removeCredentials(sessions.map(({ id }) => id));
    forgetSession(c);
    noteForAudit(c, { detail: `everywhere: ${removed.length} sessions` });
    return c.json({ revoked: removed.map(({ id }) => id) }, 200);
  });

  routes.openAPIRegistry.registerPath(ticketRoute);
  routes.post('/auth/tickets', async (c) => {
    const { text, hash } = newSecret(TICKET_PREFIX);
    await bus.putTicket(hash, { credentialId: principalOf(c).credential?.id ?? null }, TICKET_LIFETIME_MS);
    return c.json({ ticket: text, expiresInMs: TICKET_LIFETIME_MS }, 201);
  });
  return routes;
}

const signedIn = ({ id, subject, role, scopes, kind, expiresAtMs }: Credential): AuthState['signedIn'] => ({
  subject,
  role,
  scopes,
  kind,
  expiresAtMs,
  credentialId: id,
});

/** The session of the browser that asks, as far as this hub knows of it. */
function sessionOf(c: Context, book: CredentialBook): Credential | null {
  const known = proofOf(c)?.by === 'cookie' ? knownHere(c, book) : null;
  return known?.kind === 'session' ? known : null;
}
