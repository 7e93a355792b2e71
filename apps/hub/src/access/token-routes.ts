import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import {
  CREDENTIAL_PREFIX,
  type CreatedToken,
  type Credential,
  type ListedCredential,
  newCredential,
} from '@booner/protocol';
import type { Context } from 'hono';
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
import { areUnlimited, areWithin, madeBy, principalOf } from './principal.ts';
import { noteForAudit } from './require-credential.ts';
import { adminReadsAll } from './scope-answer.ts';

const DAY_MS = 24 * 3_600_000;

export type TokenRoutesDeps = {
  readonly bus: Pick<
    AccessBus,
    'putCredential' | 'removeCredentials' | 'removeUnlessLast' | 'refresh' | 'lastUsed'
  >;
  readonly registry: Pick<CredentialRegistry, 'all' | 'byId'>;
  readonly lastUsed: Pick<LastUsed, 'of'>;
  /** True if only a token can manage access to this hub, so the last such token must stay. */
  readonly needsAdminToken: boolean;
};

const listRoute = route({
  method: 'get',
  path: '/tokens',
  access: { role: 'admin' },
  summary: 'List active tokens and browser sessions, newest first',
  description: 'Only those whose scopes are within yours.',
  tag: 'access',
  responses: { 200: jsonAnswer('Tokens and sessions, without their secrets', credentialListBody) },
});
const createTokenRoute = route({
  method: 'post',
  path: '/tokens',
  access: { role: 'admin', verb: 'token.create', recent: true },
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
    'two seconds. Its scopes must be within yours.',
  tag: 'access',
  request: { params: credentialIdParams },
  responses: { 200: jsonAnswer('Ids of all credentials that were revoked', revokedBody) },
  errors: {
    404: 'No such token or session',
    409: 'It is the last admin token without scopes',
  },
});

/** Management of tokens and sessions, for admins. */
export const tokenRoutes = ({ bus, registry, lastUsed, needsAdminToken }: TokenRoutesDeps): Routes => [
  serve(listRoute, async (c) => {
    const [stored] = await Promise.all([bus.lastUsed(), bus.refresh()]);
    const own = principalOf(c).scopes;
    const tokens = [...registry.all()]
      .filter(({ kind, scopes }) => kind !== 'link' && areWithin(scopes, own))
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
    const { name, role, hosts, actions, reads, expiresInDays } = body;
    const scopes = { hosts, actions, reads };
    if (!areWithin(scopes, principal.scopes)) {
      const detail = 'A token cannot allow more than your own. Name hosts and actions that yours allows.';
      return problem(c, 403, 'Not allowed', detail);
    }
    if (role === 'admin' && reads !== null) return adminReadsAll(c, '/reads');
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
    const credential = registry.byId(id);
    if (credential === null || credential.kind === 'link') return noSuchToken(c);
    if (!areWithin(credential.scopes, principalOf(c).scopes)) {
      const detail = 'Its scopes are not within those of your token';
      noteForAudit(c, { detail });
      return problem(c, 403, 'Out of scope', `${detail}. Ask an admin without scopes to revoke it.`);
    }
    const others = [...registry.all()].filter((each) => each.id !== id && managesAll(each));
    const removed =
      needsAdminToken && managesAll(credential)
        ? await bus.removeUnlessLast(
            id,
            others.map((other) => other.id),
          )
        : await bus.removeCredentials([id]);
    if (removed === 'last') {
      noteForAudit(c, { detail: 'the last admin token without scopes' });
      return problem(c, 409, 'Last admin token', LAST_ADMIN);
    }
    if (removed.length === 0) return noSuchToken(c);
    noteForAudit(c, { detail: removed.map(({ kind, name }) => `${kind} ${name}`).join(', ') });
    return c.json({ revoked: removed.map((each) => each.id) }, 200);
  }),
];

/**
 * Detects tokens with which everything can be managed, other such tokens included. Sessions do not
 * count: they end within days.
 */
const managesAll = ({ kind, role, scopes }: Credential): boolean =>
  kind === 'token' && role === 'admin' && areUnlimited(scopes);

const LAST_ADMIN =
  'This is the last admin token without scopes: without it, nobody could manage this hub. Create another one ' +
  'first, for example with `booner token create NAME --role admin`, then revoke this one with it.';

const noSuchToken = (c: Context): Response =>
  problem(c, 404, 'No such token', 'No active token or session has this id. GET /tokens lists them.');
