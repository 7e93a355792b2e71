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

/** Who is signed in. */
export const signedInSchema = z.object({
  subject: subjectSchema,
  role: roleSchema,
  scopes: scopesSchema,
  kind: credentialKindSchema,
  expiresAtMs: z.int().nullable(),
  credentialId: credentialIdSchema,
});
export type SignedIn = z.infer<typeof signedInSchema>;

/** `GET /auth`, and the answer of `POST /auth/session`. */
export const authStateSchema = z.object({
  /** Whether this hub wants to know who asks. */
  required: z.boolean(),
  /** Version of the hub. */
  version: z.string(),
  signedIn: signedInSchema.nullable(),
  /** Where to sign in with an identity provider, when there is one. */
  oidc: z.object({ label: z.string(), path: z.string() }).nullable(),
});
export type AuthState = z.infer<typeof authStateSchema>;

/** `POST /auth/session`: a token, or what a sign-in link holds. */
export const signInSchema = z.strictObject({
  token: z.string().refine((text) => isSecretText(text, CREDENTIAL_PREFIX), {
    error: `must be a token: ${CREDENTIAL_PREFIX} and 43 characters`,
  }),
});
export type SignIn = z.infer<typeof signInSchema>;

/** Answer of `POST /auth/tickets`. */
export const ticketAnswerSchema = z.object({ ticket: z.string(), expiresInMs: z.int().positive() });
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;

/** `POST /auth/links`. What is absent is as of who asks. */
export const newLinkSchema = z.strictObject({
  name: credentialNameSchema.optional(),
  role: roleSchema.optional(),
  scopes: scopesSchema.optional(),
});
export type NewLink = z.input<typeof newLinkSchema>;

/** Its answer. The secret stands in the fragment of the URL, which browsers send to no server. */
export const linkAnswerSchema = z.object({ url: z.string(), expiresAtMs: z.int() });
export type LinkAnswer = z.infer<typeof linkAnswerSchema>;

/** A credential as it is listed: all but its secret. */
export const listedCredentialSchema = credentialSchema.extend({
  /** Exact to a minute. */
  lastUsedAtMs: z.int().nullable(),
});
export type ListedCredential = z.infer<typeof listedCredentialSchema>;

/** `GET /tokens`. */
export const tokenListSchema = z.object({ tokens: z.array(listedCredentialSchema) });
export type TokenList = z.infer<typeof tokenListSchema>;

const DEFAULT_TOKEN_DAYS = 90;

/** `POST /tokens`. */
export const newTokenSchema = z.strictObject({
  name: credentialNameSchema,
  role: roleSchema,
  hosts: scopesSchema.shape.hosts.default(null),
  actions: scopesSchema.shape.actions.default(null),
  /** `null`: never. */
  expiresInDays: z.number().positive().max(3650).nullable().default(DEFAULT_TOKEN_DAYS),
});
export type NewToken = z.input<typeof newTokenSchema>;

/** Its answer. `token` is shown this once. */
export const createdTokenSchema = listedCredentialSchema.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof createdTokenSchema>;

/** Answer of `DELETE /tokens/:id`: the ids of the token and of all that lived with it. */
export const revokedSchema = z.object({ revoked: z.array(credentialIdSchema) });
export type Revoked = z.infer<typeof revokedSchema>;
