import { z } from 'zod';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_NAME_CHARACTERS, MAX_SELECTOR_CHARACTERS, MAX_SUBJECT_CHARACTERS } from './limits.ts';
import { ROLES } from './roles.ts';
import { actionNameSchema } from './task.ts';
import { isVisibleText } from './visible-text.ts';

declare const sha256Brand: unique symbol;

/**
 * SHA-256 of a whole secret, prefix included, in lower-case hexadecimal. Stored instead of the
 * secret.
 */
export type Sha256 = string & { readonly [sha256Brand]: true };

const SHA256 = /^[0-9a-f]{64}$/;

/** Returns `null` if the text is not a SHA-256. */
export const parseSha256 = (text: string): Sha256 | null => (SHA256.test(text) ? (text as Sha256) : null);

export const sha256Schema = z.custom<Sha256>(
  (value) => typeof value === 'string' && parseSha256(value) !== null,
  { error: 'must be a SHA-256 of 64 hexadecimal characters' },
);

export const roleSchema = z.enum(ROLES);

/** Limits of a credential. `null` allows all. */
export const scopesSchema = z.object({
  /** Hosts that it may act on: run and cancel tasks, add and remove hosts. */
  hosts: z.array(hostIdSchema).max(1000).nullable(),
  /** Actions that it may run and cancel. */
  actions: z.array(actionNameSchema).max(1000).nullable(),
  /** Selector of the hosts that it may read. Absent: stored by a hub before 0.3. */
  reads: z.string().max(MAX_SELECTOR_CHARACTERS).nullable().default(null),
});
export type Scopes = z.infer<typeof scopesSchema>;

/** Scopes without limits. */
export const ALL_SCOPES: Scopes = { hosts: null, actions: null, reads: null };

/**
 * `token`: for programs and people. `session`: of a browser after sign-in. `link`: signs in one
 * browser, once.
 */
export const credentialKindSchema = z.enum(['token', 'session', 'link']);
export type CredentialKind = z.infer<typeof credentialKindSchema>;

/** Public name of a credential: 12 characters of the URL alphabet. */
export const credentialIdSchema = z
  .string()
  .regex(/^[\w-]{12}$/, 'must be a credential id of 12 letters, digits, _ and -');

/**
 * Name of a credential for people: 1 to {@link MAX_NAME_CHARACTERS} visible characters, trimmed.
 */
export const credentialNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_CHARACTERS)
  .refine(isVisibleText, 'must not contain control characters');

/**
 * An identity: in a credential a token's name, or a person's name at the identity provider; in the
 * audit log and of creators the id of a credential, a space and that name.
 */
export const subjectSchema = z.string().min(1).max(MAX_SUBJECT_CHARACTERS);

/**
 * Proof of an identity, which the bus stores under the {@link Sha256} of its secret. Times are Unix
 * milliseconds of the hub's clock.
 */
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
  /** Its creator: id of a credential, a space and the name. */
  createdBy: subjectSchema,
  /** Id of the credential that this one ends with. */
  parentId: credentialIdSchema.nullable(),
  /**
   * Created on a hub that did not require sign-in. Hubs that require it reject and remove such a
   * credential. Absent: created by a hub that did not store this yet.
   */
  madeWithoutSignIn: z.boolean().optional(),
  /**
   * Last time that the person of a session proved to be that person; 0: unknown. Absent: when the
   * session was created.
   */
  confirmedAtMs: z.int().nonnegative().optional(),
});
export type Credential = z.infer<typeof credentialSchema>;

/** Credential behind a ticket for one WebSocket. `null` if sign-in is not required. */
export const ticketSchema = z.object({ credentialId: credentialIdSchema.nullable() });
export type Ticket = z.infer<typeof ticketSchema>;

/** State of a sign-in at the identity provider, checked when the browser returns. */
export const oidcTransactionSchema = z.object({
  /** PKCE code verifier (RFC 7636). */
  verifier: z.string().min(43).max(128),
  nonce: z.string().min(1).max(128),
  /** Address that the provider redirects to. Must equal the one in the authorization request. */
  redirectUri: z.url().max(2000),
  /** Path on this hub that the browser asked for. */
  returnTo: z.string().max(2000),
  /** The person had to sign in at the provider although they already were. */
  isAgain: z.boolean().default(false),
});
export type OidcTransaction = z.infer<typeof oidcTransactionSchema>;
