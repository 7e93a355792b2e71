import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { CREDENTIAL_PREFIX, type CreatedToken, type ListedCredential, newCredential } from '@booner/protocol';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import {
  createdTokenBody,
  credentialIdParams,
  credentialListBody,
  newTokenBody,
  revokedBody,
} from './access-schemas.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import type { LastUsed } from './last-used.ts';
import { areWithin, madeBy, principalOf } from './principal.ts';
import { noteForAudit } from './require-credential.ts';

const DAY_MS = 24 * 3_600_000;

export type TokenRoutesDeps = {
  readonly bus: Pick<AccessBus, 'putCredential' | 'removeCredentials' | 'refresh' | 'lastUsed'>;
  readonly registry: Pick<CredentialRegistry, 'all'>;
  readonly lastUsed: Pick<LastUsed, 'of'>;
};

const listRoute = route({
  method: 'get',
  path: '/tokens',
  access: { role: 'admin' },
  summary: 'List active tokens and browser sessions, newest first',
  tag: 'access',
  responses: { 200: jsonAnswer('Tokens and sessions, without their secrets', credentialListBody) },
});
const createTokenRoute = route({
  method: 'post',
  path: '/tokens',
  access: { role: 'admin', verb: 'token.create' },
  summary: 'Create a token',
  description: 'Only this answer shows the token: the hub stores its SHA-256.',
  tag: 'access',
  request: { body: newTokenBody },
  responses: { 201: jsonAnswer('The token', createdTokenBody) },
});
const revokeRoute = route({
  method: 'delete',
  path: '/tokens/{id}',
  access: { role: 'admin', verb: 'token.revoke' },
  summary: 'Revoke a token or a session',
  description:
    'Also ends all sessions that were started with it. Every hub closes their WebSockets with 1008 within ' +
    'two seconds.',
  tag: 'access',
  request: { params: credentialIdParams },
  responses: { 200: jsonAnswer('Ids of all credentials that were revoked', revokedBody) },
  errors: { 404: 'No such token or session' },
});

/** Management of tokens and sessions, for admins. */
export const tokenRoutes = ({ bus, registry, lastUsed }: TokenRoutesDeps): Routes => [
  serve(listRoute, async (c) => {
    const [stored] = await Promise.all([bus.lastUsed(), bus.refresh()]);
    const tokens = [...registry.all()]
      .filter(({ kind }) => kind !== 'link')
      .sort((a, b) => b.createdAtMs - a.createdAtMs)
      .map(
        (credential): ListedCredential => ({
          ...credential,
          lastUsedAtMs: lastUsed.of(credential.id) ?? stored.get(credential.id) ?? null,
        }),
      );
    return c.json({ tokens }, 200);
  }),

  serve(createTokenRoute, async (c, { body }) => {
    const principal = principalOf(c);
    const { name, role, hosts, actions, expiresInDays } = body;
    const scopes = { hosts, actions };
    if (!areWithin(scopes, principal.scopes)) {
      const detail = 'A token cannot allow more than your own. Name hosts and actions that yours allows.';
      return problem(c, 403, 'Not allowed', detail);
    }
    const { text, hash } = newSecret(CREDENTIAL_PREFIX);
    const nowMs = Date.now();
    const token = newCredential({
      kind: 'token',
      name,
      role,
      scopes,
      createdAtMs: nowMs,
      expiresAtMs: expiresInDays === null ? null : Math.round(nowMs + expiresInDays * DAY_MS),
      ...madeBy(principal),
    });
    await bus.putCredential(hash, token);
    noteForAudit(c, { target: token.id, detail: `${role} ${name}` });
    const answer: CreatedToken = { ...token, lastUsedAtMs: null, token: text };
    return c.json(answer, 201);
  }),

  serve(revokeRoute, async (c) => {
    const id = c.req.param('id') ?? '';
    noteForAudit(c, { target: id.slice(0, 100) });
    await bus.refresh(); // finds what another hub has just created
    const known = [...registry.all()].some((each) => each.id === id && each.kind !== 'link');
    const removed = known ? await bus.removeCredentials([id]) : [];
    if (removed.length === 0) {
      const detail = 'No active token or session has this id. GET /tokens lists them.';
      return problem(c, 404, 'No such token', detail);
    }
    noteForAudit(c, { detail: removed.map(({ kind, name }) => `${kind} ${name}`).join(', ') });
    return c.json({ revoked: removed.map((each) => each.id) }, 200);
  }),
];
