import { z } from 'zod';
import { subjectSchema } from './access.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_SECRET_BYTES, MAX_SECRET_TARGETS_OF_REQUEST, MAX_SECRETS_OF_ACTION } from './limits.ts';
import { NOT_A_SECRET_NAME, SECRET_NAME } from './secret-value.ts';

/** Name of a secret. */
export const secretNameSchema = z.string().regex(SECRET_NAME, NOT_A_SECRET_NAME);

/** Names of the secrets that an action receives, from its file. */
export const secretNamesSchema = z
  .array(secretNameSchema)
  .max(MAX_SECRETS_OF_ACTION)
  .refine((names) => new Set(names).size === names.length, 'must not name a secret twice');

/** Longest sealed secret: a third more than its value, for base64url, and its key and header. */
const MAX_SEALED_CHARACTERS = Math.ceil((MAX_SECRET_BYTES * 4) / 3) + 2048;

/**
 * A secret that only one runner can open: JWE (RFC 7516, compact, ECDH-ES+A256KW, A256GCM) of its
 * text. The protected header names the secret and the host.
 */
export const sealedSecretSchema = z
  .string()
  .max(MAX_SEALED_CHARACTERS)
  .regex(/^[\w-]+(?:\.[\w-]+){4}$/, 'must be a compact JWE');

/** Sealed secrets by name, as a runner receives them. */
export const sealedSecretsSchema = z.record(secretNameSchema, sealedSecretSchema);

/** The `x` of a runner's public key: an X25519 key in base64url (RFC 8037). */
export const runnerKeySchema = z.string().regex(/^[\w-]{43}$/, 'must be an X25519 key in base64url');

/** A secret of one host as it is stored. */
export const storedSecretSchema = z.object({
  name: secretNameSchema,
  host: hostIdSchema,
  /** Key of the runner that can open it. */
  runnerKey: runnerKeySchema,
  setAtMs: z.int().nonnegative(),
  /** Identity in the audit log; `null`: sign-in was not required. */
  setBy: subjectSchema.nullable(),
});
export type StoredSecret = z.infer<typeof storedSecretSchema>;

/** Body of `PUT /secrets/:name`. */
export const secretPutSchema = z.strictObject({
  targets: z
    .array(z.strictObject({ host: hostIdSchema, runnerKey: runnerKeySchema, sealed: sealedSecretSchema }))
    .min(1)
    .max(MAX_SECRET_TARGETS_OF_REQUEST),
});
export type SecretPut = z.infer<typeof secretPutSchema>;

/** Answer of `PUT` and `DELETE /secrets/:name`: the hosts that were changed. */
export const secretHostsSchema = z.object({ name: secretNameSchema, hosts: z.array(hostIdSchema) });
export type SecretHosts = z.infer<typeof secretHostsSchema>;

/**
 * `usable`: the host's runner can open it. `key_changed`: its runner has another key than the one
 * that it was sealed for, so it must be set again. `unknown`: the host has no runner now.
 */
const secretStateSchema = z.enum(['usable', 'key_changed', 'unknown']);

/** Answer of `GET /secrets`: where secrets are set, never their values. */
export const secretListSchema = z.object({
  secrets: z.array(
    z.object({
      name: secretNameSchema,
      targets: z.array(storedSecretSchema.omit({ name: true }).extend({ state: secretStateSchema })),
    }),
  ),
});
export type SecretList = z.infer<typeof secretListSchema>;

/** Answer of `GET /secret-keys`: the keys to seal secrets for. */
export const secretKeysSchema = z.object({
  targets: z.array(
    z.object({
      host: hostIdSchema,
      /** `null`: no runner serves the host now. */
      runnerKey: runnerKeySchema.nullable(),
    }),
  ),
});
export type SecretKeys = z.infer<typeof secretKeysSchema>;
