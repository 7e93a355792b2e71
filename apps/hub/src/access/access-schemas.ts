import {
  auditPageSchema,
  authStateSchema,
  createdTokenSchema,
  linkAnswerSchema,
  listedCredentialSchema,
  newLinkSchema,
  newTokenSchema,
  revokedSchema,
  roleSchema,
  ticketAnswerSchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';

// Schemas are made here, after @hono/zod-openapi taught zod to name them.
const hosts = z
  .array(z.string())
  .nullable()
  .openapi({ example: ['10.0.0.2'], description: 'null: all' });
const actions = z
  .array(z.string())
  .nullable()
  .openapi({ example: ['deploy'], description: 'null: all' });
const scopes = z
  .object({ hosts, actions })
  .openapi('Scopes', { description: 'What may be run and cancelled' });
const role = z.enum(roleSchema.options).openapi('Role');
const id = z.string().openapi({ example: 'V1StGXR8_Z5j' });
const secret = z.string().openapi({ example: `bnr_${'0'.repeat(43)}` });

export const credentialIdParam = z.object({
  id: id.openapi({ param: { name: 'id', in: 'path' } }),
});
export const authStateBody = authStateSchema
  .extend({
    signedIn: authStateSchema.shape.signedIn
      .unwrap()
      .extend({ role, scopes, credentialId: id })
      .openapi('SignedIn')
      .nullable(),
  })
  .openapi('AuthState');
export const signInBody = z.strictObject({ token: secret }).openapi('SignIn');
export const ticketBody = ticketAnswerSchema
  .extend({ ticket: z.string().openapi({ example: `ticket.${'0'.repeat(43)}` }) })
  .openapi('Ticket');
export const newLinkBody = newLinkSchema
  .extend({ role: role.optional(), scopes: scopes.optional() })
  .openapi('NewLink');
export const linkBody = linkAnswerSchema.extend({}).openapi('Link');
const listed = { id, parentId: id.nullable(), role, scopes };
const credentialBody = listedCredentialSchema.extend(listed).openapi('Credential');
export const credentialListBody = z.object({ tokens: z.array(credentialBody) });
export const newTokenBody = newTokenSchema
  .extend({ role, hosts: hosts.optional(), actions: actions.optional() })
  .openapi('NewToken');
export const createdTokenBody = createdTokenSchema
  .extend({ ...listed, token: secret.openapi({ description: 'Shown this once' }) })
  .openapi('CreatedToken');
export const revokedBody = revokedSchema.extend({ revoked: z.array(id) }).openapi('Revoked');
export const auditBody = auditPageSchema
  .extend({
    entries: z.array(
      auditPageSchema.shape.entries.element
        .extend({ id: z.string(), credentialId: id.nullable() })
        .openapi('AuditEntry'),
    ),
    next: z.string().nullable().openapi({ description: 'The `before` of the page with older entries' }),
  })
  .openapi('AuditPage');
