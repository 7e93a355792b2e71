import { z } from 'zod';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_NAME_CHARACTERS } from './limits.ts';
import { ROLES } from './roles.ts';
import { actionNameSchema } from './task.ts';
import { VISIBLE_TEXT } from './visible-text.ts';

declare const sha256Brand: unique symbol;

/** SHA-256 of a secret's whole text (its prefix included) in lower-case hexadecimal: what is stored in its place. */
export type Sha256 = string & { readonly [sha256Brand]: true };

const SHA256 = /^[0-9a-f]{64}$/;

/** @returns `null` for a text that is no SHA-256 */
export const parseSha256 = (text: string): Sha256 | null => (SHA256.test(text) ? (text as Sha256) : null);

export const sha256Schema = z.custom<Sha256>(
  (value) => typeof value === 'string' && parseSha256(value) !== null,
  { error: 'must be a SHA-256 of 64 hexadecimal characters' },
);

export const roleSchema = z.enum(ROLES);

/** What may be run and cancelled, and which hosts may be added and removed; `null`: everything. Scopes do not bound what is seen. */
export const scopesSchema = z.object({
  hosts: z.array(hostIdSchema).max(1000).nullable(),
  actions: z.array(actionNameSchema).max(1000).nullable(),
});
export type Scopes = z.infer<typeof scopesSchema>;

/** Scopes that bound nothing. */
export const ALL_SCOPES: Scopes = { hosts: null, actions: null };

/** `token`: for programs and people; `session`: a browser's, after sign-in; `link`: signs one browser in, once. */
export const credentialKindSchema = z.enum(['token', 'session', 'link']);
export type CredentialKind = z.infer<typeof credentialKindSchema>;

/** Public name of a credential: 12 characters of the URL alphabet. */
export const credentialIdSchema = z
  .string()
  .regex(/^[\w-]{12}$/, 'must be a credential id of 12 letters, digits, _ and -');

/** What people call a credential: 1 to {@link MAX_NAME_CHARACTERS} visible characters, without spaces around them. */
export const credentialNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_CHARACTERS)
  .regex(VISIBLE_TEXT, 'must not contain control characters');

/** Who, as the audit log shows: a token's name, or what the identity provider calls a person. */
export const subjectSchema = z.string().min(1).max(320);

/** A thing that proves who somebody is, as the bus keeps it under the {@link Sha256} of its text. Times are Unix milliseconds of the hub's clock. */
export const credentialSchema = z.object({
  id: credentialIdSchema,
  kind: credentialKindSchema,
  name: credentialNameSchema,
  role: roleSchema,
  scopes: scopesSchema,
  subject: subjectSchema,
  createdAtMs: z.int().nonnegative(),
  /** `null`: never. */
  expiresAtMs: z.int().nonnegative().nullable(),
  /** Subject of who made it. */
  createdBy: subjectSchema,
  /** Id of the credential that this one lives and dies with. */
  parentId: credentialIdSchema.nullable(),
  /**
   * Made on a hub where nobody had to sign in. Hubs that require it accept no such credential, and remove it. Absent: made by a hub
   * that did not store this yet.
   */
  madeWithoutSignIn: z.boolean().optional(),
});
export type Credential = z.infer<typeof credentialSchema>;

/** What a ticket for one WebSocket stands for; `null` where nobody must sign in. */
export const ticketSchema = z.object({ credentialId: credentialIdSchema.nullable() });
export type Ticket = z.infer<typeof ticketSchema>;

/** What a sign-in at the identity provider has to be checked against when the browser comes back. */
export const oidcTransactionSchema = z.object({
  /** Of PKCE (RFC 7636). */
  verifier: z.string().min(43).max(128),
  nonce: z.string().min(1).max(128),
  /** Address that the provider sends the browser back to: the same one that the start named. */
  redirectUri: z.url().max(2000),
  /** Path of this hub that the browser wanted. */
  returnTo: z.string().max(2000),
});
export type OidcTransaction = z.infer<typeof oidcTransactionSchema>;
