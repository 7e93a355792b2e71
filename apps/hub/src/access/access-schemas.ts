import {
  authStateSchema,
  CREDENTIAL_PREFIX,
  createdTokenSchema,
  linkAnswerSchema,
  listedCredentialSchema,
  newLinkSchema,
  newTokenSchema,
  revokedSchema,
  roleSchema,
  scopesSchema,
  shownAuditPageSchema,
  signInSchema,
  TICKET_PREFIX,
  ticketAnswerSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { orNull } from '../http/openapi.ts';
import {
  SELECTOR_FORMAT,
  SHOWN_CREDENTIAL_ID,
  SHOWN_CURSOR,
  SHOWN_HOST,
  shownSecret,
  VISIBLE_TEXT_PATTERN,
} from '../http/shown-values.ts';

// `.meta` and `.openapi` add what the OpenAPI document shows; they do not change what is accepted.
const hosts = scopesSchema.shape.hosts.meta({
  type: ['array', 'null'],
  items: SHOWN_HOST,
  maxItems: 1000,
  example: ['10.0.0.2'],
  description: 'null: all',
});
const actions = scopesSchema.shape.actions.meta({ example: ['deploy'], description: 'null: all' });
const shownReads = {
  type: ['string', 'null'],
  format: SELECTOR_FORMAT,
  example: 'role=db',
  description:
    'Selector of the hosts that may be read, by their host id and the labels that operators set; null: all',
} as const;
const scopes = scopesSchema
  .extend({ hosts, actions, reads: scopesSchema.shape.reads.meta(shownReads) })
  .openapi('Scopes', { description: 'What may be run, cancelled and read, and where' });
const newScopes = newLinkSchema.shape.scopes
  .unwrap()
  .extend({ hosts, actions, reads: newTokenSchema.shape.reads.meta(shownReads) })
  .openapi('NewScopes');
// An admin reads all hosts: both together are rejected.
const ADMIN = { type: 'object' as const, properties: { role: { const: 'admin' } } };
const READS = {
  type: 'object' as const,
  properties: { reads: { type: 'string' as const } },
  required: ['reads'],
};
const role = z.enum(roleSchema.options).openapi('Role');
const name = newTokenSchema.shape.name.meta({
  type: 'string',
  minLength: 1,
  maxLength: 100,
  example: 'ci',
  pattern: VISIBLE_TEXT_PATTERN,
});
const id = z.string().openapi(SHOWN_CREDENTIAL_ID);
const secret = shownSecret(CREDENTIAL_PREFIX);

export const credentialIdParams = z.object({ id });
export const authStateBody = authStateSchema
  .extend({
    signedIn: authStateSchema.shape.signedIn
      .unwrap()
      .extend({ role, scopes, credentialId: id })
      .openapi('SignedIn')
      .nullable(),
  })
  .openapi('AuthState');
export const signInBody = signInSchema
  .extend({ token: signInSchema.shape.token.meta(secret) })
  .openapi('SignIn');
export const ticketBody = ticketAnswerSchema
  .extend({ ticket: z.string().openapi(shownSecret(TICKET_PREFIX)) })
  .openapi('Ticket');
export const newLinkBody = newLinkSchema
  .extend({ name: name.optional(), role: role.optional(), scopes: newScopes.optional() })
  .openapi('NewLink', {
    // Without a role the link is for an admin, as only admins create links.
    not: { ...ADMIN, properties: { ...ADMIN.properties, scopes: READS }, required: ['scopes'] },
  });
export const linkBody = linkAnswerSchema.extend({}).openapi('Link');
const listed = { id, name, parentId: orNull(id), role, scopes };
const credentialBody = listedCredentialSchema.extend(listed).openapi('Credential');
export const credentialListBody = z.object({ tokens: z.array(credentialBody) });
export const newTokenBody = newTokenSchema
  .extend({
    name,
    role,
    hosts: hosts.default(null),
    actions: actions.default(null),
    reads: newTokenSchema.shape.reads.meta(shownReads),
  })
  .openapi('NewToken', {
    not: {
      ...ADMIN,
      properties: { ...ADMIN.properties, ...READS.properties },
      required: ['role', ...READS.required],
    },
  });
export const createdTokenBody = createdTokenSchema
  .extend({ ...listed, token: z.string().openapi({ ...secret, description: 'Shown only in this answer' }) })
  .openapi('CreatedToken');
export const revokedBody = revokedSchema.extend({ revoked: z.array(id) }).openapi('Revoked');
export const auditBody = shownAuditPageSchema
  .extend({
    entries: z.array(
      shownAuditPageSchema.shape.entries.element
        .extend({ id: z.string().openapi(SHOWN_CURSOR), credentialId: orNull(id) })
        .openapi('AuditEntry'),
    ),
    next: z.string().nullable().openapi({ description: '`before` for the page of older entries' }),
    newest: z.string().nullable().openapi({
      description: '`after` for newer entries than those looked at; a token with scopes may not see this one',
    }),
  })
  .openapi('AuditPage');
