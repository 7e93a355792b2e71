import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { CREDENTIAL_PREFIX, MAX_NAME_CHARACTERS, newCredential } from '@booner/protocol';
import { foreignHost, sharedHubUrl } from '../http/client-address.ts';
import { jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { linkBody, newLinkBody } from './access-schemas.ts';
import { areWithin, creatorName, lastingCredentialId, madeBy, mayAct, principalOf } from './principal.ts';
import { noteForAudit } from './require-credential.ts';
import { adminReadsAll } from './scope-answer.ts';

const LINK_LIFETIME_MS = 15 * 60_000;

export type LinkRoutesDeps = {
  readonly bus: Pick<AccessBus, 'putCredential'>;
  /** URL under which users find the hub, maybe with a path; `null`: the one that they asked. */
  readonly publicUrl: URL | null;
};

const linkRoute = route({
  method: 'post',
  path: '/auth/links',
  access: { role: 'admin', verb: 'link.create', recent: true },
  summary: 'Create a sign-in link',
  description: 'The link signs in one browser, once, within 15 minutes. Fields you leave out are yours.',
  tag: 'access',
  request: { body: newLinkBody, allowEmptyBody: true },
  responses: { 201: jsonAnswer('The link', linkBody) },
});

/**
 * Sign-in links. The secret is in the fragment of the URL, which browsers never send to a server.
 */
export const linkRoutes = ({ bus, publicUrl }: LinkRoutesDeps): Routes => [
  serve(linkRoute, async (c, { body }) => {
    const principal = principalOf(c);
    const { role = principal.role, scopes = principal.scopes } = body;
    const subject = body.name ?? principal.credential?.subject ?? creatorName(principal);
    const name = subject.slice(0, MAX_NAME_CHARACTERS).trim();
    if (!mayAct(principal, role) || !areWithin(scopes, principal.scopes)) {
      return problem(
        c,
        403,
        'Not allowed',
        'A link cannot allow more than your own token or session. Choose a lower role or fewer scopes.',
      );
    }
    if (role === 'admin' && scopes.reads !== null) return adminReadsAll(c, '/scopes/reads');
    const hub = sharedHubUrl(c, publicUrl);
    if (hub === null) return foreignHost(c);
    const { text, hash } = newSecret(CREDENTIAL_PREFIX);
    const nowMs = Date.now();
    const link = newCredential({
      kind: 'link',
      name,
      role,
      scopes,
      subject,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + LINK_LIFETIME_MS,
      ...madeBy(principal),
      parentId: lastingCredentialId(principal),
    });
    await bus.putCredential(hash, link);
    noteForAudit(c, { target: link.id, detail: `${role} ${name}` });
    const url = `${hub}dashboard/sign-in#link=${text}`;
    return c.json({ url, expiresAtMs: link.expiresAtMs }, 201);
  }),
];
