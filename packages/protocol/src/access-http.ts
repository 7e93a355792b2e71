import { z } from 'zod';
import {
  credentialIdSchema,
  credentialKindSchema,
  credentialNameSchema,
  credentialSchema,
  roleSchema,
  scopesSchema,
  subjectSchema,
} from './access.ts';
import { CREDENTIAL_PREFIX, isSecretText } from './secret-texts.ts';
import { accessSelectorTextSchema } from './selector-schema.ts';

/** The signed-in identity. */
export const signedInSchema = z.object({
  subject: subjectSchema,
  role: roleSchema,
  scopes: scopesSchema,
  kind: credentialKindSchema,
  expiresAtMs: z.int().nullable(),
  credentialId: credentialIdSchema,
  /**
   * Means by which a session is confirmed: the token that it was started with, or a new sign-in at
   * the identity provider. `null`: only a new sign-in by other means, or it is not a session.
   */
  confirmWith: z.enum(['token', 'identity_provider']).nullable().default(null),
});
export type SignedIn = z.infer<typeof signedInSchema>;

/** Answer of `GET /auth` and of `POST /auth/session`. */
export const authStateSchema = z.object({
  /** True if this hub requires sign-in. */
  required: z.boolean(),
  /** Version of the hub. */
  version: z.string(),
  /** True if the hub runs without Redis, so no hosts can be added. Older hubs do not send it. */
  embedded: z.boolean().optional(),
  signedIn: signedInSchema.nullable(),
  /** Identity provider to sign in with, if one is configured. */
  oidc: z.object({ label: z.string(), path: z.string() }).nullable(),
});
export type AuthState = z.infer<typeof authStateSchema>;

/**
 * Body of `POST /auth/session`: a token, or the secret of a sign-in link. Also the body of
 * `POST /auth/session/confirm`: a token.
 */
export const signInSchema = z.strictObject({
  token: z.string().refine((text) => isSecretText(text, CREDENTIAL_PREFIX), {
    error: `must be a token: ${CREDENTIAL_PREFIX} and 43 characters`,
  }),
});
export type SignIn = z.infer<typeof signInSchema>;

/** Answer of `POST /auth/tickets`. */
export const ticketAnswerSchema = z.object({ ticket: z.string(), expiresInMs: z.int().positive() });
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;

/** Text of a selector for `reads`, which becomes canonical. */
const readsSchema = accessSelectorTextSchema.nullable().default(null);

/** Body of `POST /auth/links`. Absent fields are those of the caller. */
export const newLinkSchema = z.strictObject({
  name: credentialNameSchema.optional(),
  role: roleSchema.optional(),
  /** Strict: a misspelt limit would be none. */
  scopes: z.strictObject({ ...scopesSchema.shape, reads: readsSchema }).optional(),
});
export type NewLink = z.input<typeof newLinkSchema>;

/** Answer of `POST /auth/links`. The secret is in the URL's fragment, which browsers never send. */
export const linkAnswerSchema = z.object({ url: z.string(), expiresAtMs: z.int() });
export type LinkAnswer = z.infer<typeof linkAnswerSchema>;

/** A credential in a list: everything but its secret. */
export const listedCredentialSchema = credentialSchema.extend({
  /** Accurate to one minute. */
  lastUsedAtMs: z.int().nullable(),
});
export type ListedCredential = z.infer<typeof listedCredentialSchema>;

/** Answer of `GET /tokens`. */
export const tokenListSchema = z.object({ tokens: z.array(listedCredentialSchema) });
export type TokenList = z.infer<typeof tokenListSchema>;

const DEFAULT_TOKEN_DAYS = 90;

/** Body of `POST /tokens`. */
export const newTokenSchema = z.strictObject({
  name: credentialNameSchema,
  role: roleSchema,
  hosts: scopesSchema.shape.hosts.default(null),
  actions: scopesSchema.shape.actions.default(null),
  reads: readsSchema,
  /** `null`: never. */
  expiresInDays: z.number().positive().max(3650).nullable().default(DEFAULT_TOKEN_DAYS),
});
export type NewToken = z.input<typeof newTokenSchema>;

/** Answer of `POST /tokens`. `token` is shown only once. */
export const createdTokenSchema = listedCredentialSchema.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof createdTokenSchema>;

/**
 * Answer of `DELETE /tokens/:id`: the ids of the token and of every credential that ended with it.
 */
export const revokedSchema = z.object({ revoked: z.array(credentialIdSchema) });
export type Revoked = z.infer<typeof revokedSchema>;
