import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { CREDENTIAL_PREFIX, MAX_NAME_CHARACTERS, newCredential, newLinkSchema } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { busRoutes } from '../http/bus-problem.ts';
import { requestOrigin } from '../http/client-address.ts';
import { readJsonBody } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { faults, jsonAnswer, jsonRequest } from '../tasks/task-schemas.ts';
import { linkBody, newLinkBody } from './access-schemas.ts';
import { areWithin, creatorName, lastingCredentialId, madeBy, mayAct, principalOf } from './principal.ts';
import { noteForAudit } from './require-credential.ts';

const LINK_LIFETIME_MS = 15 * 60_000;

export type LinkRoutesDeps = {
  readonly bus: Pick<AccessBus, 'putCredential'>;
  /** Where users find the hub, maybe below a path; `null`: where they asked. */
  readonly publicUrl: URL | null;
  readonly log: Logger;
};

const tags = ['access'];

const linkRoute = createRoute({
  method: 'post',
  path: '/auth/links',
  summary: 'A link that signs one browser in, once, within 15 minutes',
  tags,
  request: { body: { ...jsonRequest(newLinkBody), required: false } },
  responses: {
    201: jsonAnswer('The link', linkBody),
    ...faults({ 400: 'A body of a wrong form', 401: 'Not signed in', 403: 'More than you may yourself' }),
  },
});

/** Links that sign somebody in. What such a link holds stands in the fragment of its URL, which browsers send to no server. */
export function linkRoutes({ bus, publicUrl, log }: LinkRoutesDeps): OpenAPIHono {
  const routes = busRoutes(log);
  routes.openAPIRegistry.registerPath(linkRoute);
  routes.post('/auth/links', async (c) => {
    const body = await readJsonBody(c, newLinkSchema, { allowEmpty: true });
    if (body instanceof Response) return body;
    const principal = principalOf(c);
    const { role = principal.role, scopes = principal.scopes } = body;
    const name = body.name ?? creatorName(principal).slice(0, MAX_NAME_CHARACTERS);
    if (!mayAct(principal, role) || !areWithin(scopes, principal.scopes)) {
      return problem(c, 403, 'Not allowed', 'A link cannot allow more than you may do yourself.');
    }
    const { text, hash } = newSecret(CREDENTIAL_PREFIX);
    const nowMs = Date.now();
    const link = newCredential({
      kind: 'link',
      name,
      role,
      scopes,
      subject: body.name ?? creatorName(principal),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + LINK_LIFETIME_MS,
      ...madeBy(principal),
      parentId: lastingCredentialId(principal),
    });
    await bus.putCredential(hash, link);
    noteForAudit(c, { target: link.id, detail: `${role} ${name}` });
    return c.json(
      { url: `${baseUrl(c, publicUrl)}dashboard/sign-in#link=${text}`, expiresAtMs: link.expiresAtMs },
      201,
    );
  });
  return routes;
}

function baseUrl(c: Context, publicUrl: URL | null): string {
  const url = new URL(publicUrl ?? requestOrigin(c));
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
