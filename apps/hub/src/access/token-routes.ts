import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import {
  CREDENTIAL_PREFIX,
  type CreatedToken,
  type ListedCredential,
  newCredential,
  newTokenSchema,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { busRoutes } from '../http/bus-problem.ts';
import { readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { faults, jsonAnswer, jsonRequest } from '../tasks/task-schemas.ts';
import {
  createdTokenBody,
  credentialIdParam,
  credentialListBody,
  newTokenBody,
  revokedBody,
} from './access-schemas.ts';
import type { CredentialBook } from './credential-book.ts';
import type { LastUsed } from './last-used.ts';
import { areWithin, madeBy, principalOf } from './principal.ts';
import { noteForAudit } from './require-credential.ts';

const DAY_MS = 24 * 3_600_000;

export type TokenRoutesDeps = {
  readonly bus: Pick<AccessBus, 'putCredential' | 'removeCredentials' | 'refresh' | 'lastUsed'>;
  readonly book: Pick<CredentialBook, 'all'>;
  readonly lastUsed: Pick<LastUsed, 'of'>;
  readonly log: Logger;
};

const tags = ['access'];
const forAdmins = { 401: 'Not signed in', 403: 'Not an admin' };

const listRoute = createRoute({
  method: 'get',
  path: '/tokens',
  summary: 'The tokens and the sessions of browsers that are good',
  tags,
  responses: { 200: jsonAnswer('Newest first', credentialListBody), ...faults(forAdmins) },
});
const createTokenRoute = createRoute({
  method: 'post',
  path: '/tokens',
  summary: 'Makes a token',
  description: 'The answer shows it, once: what is kept is its SHA-256.',
  tags,
  request: { body: jsonRequest(newTokenBody) },
  responses: {
    201: jsonAnswer('The token', createdTokenBody),
    ...faults({ 400: 'A body of a wrong form', ...forAdmins, 415: 'Not JSON' }),
  },
});
const revokeRoute = createRoute({
  method: 'delete',
  path: '/tokens/{id}',
  summary: 'Revokes a token or a session',
  description:
    'With all sessions that began with it. Their open WebSockets close with 1008, on every hub, within two seconds.',
  tags,
  request: { params: credentialIdParam },
  responses: {
    200: jsonAnswer('What was revoked', revokedBody),
    ...faults({ ...forAdmins, 404: 'No such token or session' }),
  },
});

/** Who manages access manages these. */
export function tokenRoutes({ bus, book, lastUsed, log }: TokenRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);

  routes.openAPIRegistry.registerPath(listRoute);
  routes.get('/tokens', async (c) => {
    const [stored] = await Promise.all([bus.lastUsed(), bus.refresh()]);
    const tokens = [...book.all()]
      .filter(({ kind }) => kind !== 'link')
      .sort((a, b) => b.createdAtMs - a.createdAtMs)
      .map(
        (credential): ListedCredential => ({
          ...credential,
          lastUsedAtMs: lastUsed.of(credential.id) ?? stored.get(credential.id) ?? null,
        }),
      );
    return c.json({ tokens }, 200);
  });

  routes.openAPIRegistry.registerPath(createTokenRoute);
  routes.post('/tokens', async (c) => {
    const body = await readJsonBody(c, newTokenSchema);
    if (body instanceof Response) return body;
    const principal = principalOf(c);
    const { name, role, hosts, actions, expiresInDays } = body;
    const scopes = { hosts, actions };
    if (!areWithin(scopes, principal.scopes)) {
      return problem(
        c,
        403,
        'Not allowed',
        'A token cannot allow more than you may do yourself: name hosts and actions.',
      );
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
  });

  routes.openAPIRegistry.registerPath(revokeRoute);
  routes.delete('/tokens/:id', async (c) => {
    const id = c.req.param('id');
    noteForAudit(c, { target: id.slice(0, 100) });
    await bus.refresh(); // one that was made on another hub just now is to be found
    const known = [...book.all()].some((each) => each.id === id && each.kind !== 'link');
    const removed = known ? await bus.removeCredentials([id]) : [];
    if (removed.length === 0) {
      return problem(
        c,
        404,
        'No such token',
        'There is no token or session of this id: it ended, or never was.',
      );
    }
    noteForAudit(c, { detail: removed.map(({ kind, name }) => `${kind} ${name}`).join(', ') });
    return c.json({ revoked: removed.map((each) => each.id) }, 200);
  });
  return routes;
}
