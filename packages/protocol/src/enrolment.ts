import { z } from 'zod';
import { credentialIdSchema, sha256Schema, subjectSchema } from './access.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_LABEL_CHARACTERS } from './limits.ts';
import { ENROLMENT_PREFIX, isSecretText } from './secret-texts.ts';

/** What a single-use key allows: to become this host. Times are Unix milliseconds of the hub's clock. */
export const enrolmentSchema = z.object({
  host: hostIdSchema,
  label: z.string().max(MAX_LABEL_CHARACTERS).nullable(),
  /** Whether the host may run tasks: whether it gets a runner. */
  withTasks: z.boolean(),
  createdAtMs: z.int().nonnegative(),
  expiresAtMs: z.int().nonnegative(),
  createdBy: subjectSchema,
  /** 32 random bytes in base64url that the passwords are made of besides the key; gone with the enrolment. */
  salt: z.string().regex(/^[\w-]{43}$/),
  /** Credential that added the host: the key ends with it. `null` where nobody has to sign in. */
  credentialId: credentialIdSchema.nullable().default(null),
  /** True if it may replace an identity that the host has. */
  replace: z.boolean().default(false),
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

/** What a host's Redis users are rebuilt from: the SHA-256 of their passwords, `null` for a user that there is not. */
export const hostIdentitySchema = z.object({
  agent: sha256Schema.nullable(),
  runner: sha256Schema.nullable(),
  enrolledAtMs: z.int().nonnegative(),
  /** Name of the person who added the host. Absent if a hub enrolled it that did not store this yet, or if it was removed. */
  enrolledBy: subjectSchema.optional(),
  /** True if it replaced another identity of the host. */
  isReplacement: z.boolean().optional(),
  /** Enrolled with a key that was made where nobody had to sign in. Hubs that require it give such a host no users. */
  madeWithoutSignIn: z.boolean().optional(),
});
export type HostIdentity = z.infer<typeof hostIdentitySchema>;

/** `POST /targets`. */
export const newTargetSchema = z.strictObject({
  host: hostIdSchema,
  label: z
    .string()
    .trim()
    .min(1)
    .max(MAX_LABEL_CHARACTERS, `must have at most ${MAX_LABEL_CHARACTERS} characters`)
    .optional(),
  withTasks: z.boolean().default(false),
  /** Allows the key to replace the identity that the host has: without this a host is enrolled once. */
  replace: z.boolean().default(false),
});
export type NewTarget = z.input<typeof newTargetSchema>;

/** Its answer. `key` is shown this once. */
export const addedTargetSchema = z.object({
  host: hostIdSchema,
  key: z.string(),
  expiresAtMs: z.int(),
  /** One line to paste on the host. */
  command: z.string(),
  redis: z.object({
    /** Whether the hub sees to the Redis users itself. */
    applied: z.boolean(),
    /** Lines for `redis-cli`, without secrets, for when it does not. */
    users: z.array(z.string()),
  }),
});
export type AddedTarget = z.infer<typeof addedTargetSchema>;

/** `GET /targets/:host/identity`: how a host came by what it logs in to Redis with. */
export const shownIdentitySchema = z.object({
  host: hostIdSchema,
  /** `null`: the host is not enrolled. */
  identity: z
    .object({
      agent: z.boolean(),
      runner: z.boolean(),
      enrolledAtMs: z.int(),
      /** `null`: not stored. */
      enrolledBy: z.string().nullable(),
      /** True if it replaced another identity of the host. */
      isReplacement: z.boolean(),
    })
    .nullable(),
});
export type ShownIdentity = z.infer<typeof shownIdentitySchema>;

/** Answer of `DELETE /targets/:host`. */
export const removedTargetSchema = z.object({
  host: hostIdSchema,
  redis: z.object({ applied: z.boolean(), lines: z.array(z.string()) }),
});
export type RemovedTarget = z.infer<typeof removedTargetSchema>;

/** `POST /enrol`. */
export const enrolRequestSchema = z.strictObject({
  key: z.string().refine((text) => isSecretText(text, ENROLMENT_PREFIX), {
    error: `must be an enrolment key: ${ENROLMENT_PREFIX} and 43 characters`,
  }),
  roles: z
    .array(z.enum(['agent', 'runner']))
    .min(1)
    .max(2),
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
