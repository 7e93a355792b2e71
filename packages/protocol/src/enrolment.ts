import { z } from 'zod';
import { credentialIdSchema, sha256Schema, subjectSchema } from './access.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_LABEL_CHARACTERS } from './limits.ts';
import { ENROLMENT_PREFIX, isSecretText } from './secret-texts.ts';
import { visibleText } from './visible-text.ts';

/**
 * Rights of a single-use key: to become this host. Times are Unix milliseconds of the hub's clock.
 */
export const enrolmentSchema = z.object({
  host: hostIdSchema,
  label: z.string().max(MAX_LABEL_CHARACTERS).nullable(),
  /** True if the host may run tasks and gets a runner. */
  withTasks: z.boolean(),
  createdAtMs: z.int().nonnegative(),
  expiresAtMs: z.int().nonnegative(),
  createdBy: subjectSchema,
  /**
   * 32 random bytes in base64url. The passwords derive from these and the key. Deleted with the
   * enrolment.
   */
  salt: z.string().regex(/^[\w-]{43}$/),
  /** Credential that added the host. The key ends with it. `null` if sign-in is not required. */
  credentialId: credentialIdSchema.nullable().default(null),
  /** True if it may replace an existing identity of the host. */
  replace: z.boolean().default(false),
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

/** Program of a host that logs in to Redis. */
export const hostRoleSchema = z.enum(['agent', 'runner']);
export type HostRole = z.infer<typeof hostRoleSchema>;

/**
 * Offer of a host's program: the SHA-256 of its Redis password, and of the one that it can change
 * to. The host makes both, keeps them, and never sends them anywhere but to Redis, to log in.
 */
export const passwordOfferSchema = z.object({ current: sha256Schema, next: sha256Schema });
export type PasswordOffer = z.infer<typeof passwordOfferSchema>;

/**
 * Data from which a host's Redis users are rebuilt: the SHA-256 of each password, `null` for a user
 * that does not exist.
 */
export const hostIdentitySchema = z.object({
  agent: sha256Schema.nullable(),
  runner: sha256Schema.nullable(),
  enrolledAtMs: z.int().nonnegative(),
  /** Time of the last rotation of the passwords. Absent: not since the enrolment. */
  rotatedAtMs: z.int().nonnegative().optional(),
  /**
   * Name of the person who added the host. Absent if the enrolling hub did not store it yet, or if
   * the host was removed.
   */
  enrolledBy: subjectSchema.optional(),
  /** True if it replaced an earlier identity of the host. */
  isReplacement: z.boolean().optional(),
  /**
   * Enrolled with a key created without sign-in. Hubs that require sign-in give such a host no
   * users.
   */
  madeWithoutSignIn: z.boolean().optional(),
});
export type HostIdentity = z.infer<typeof hostIdentitySchema>;

/** Body of `POST /targets`. */
export const newTargetSchema = z.strictObject({
  host: hostIdSchema,
  label: z
    .string()
    .overwrite((label) => visibleText(label))
    .trim()
    .min(1)
    .max(MAX_LABEL_CHARACTERS, `must have at most ${MAX_LABEL_CHARACTERS} characters`)
    .optional(),
  withTasks: z.boolean().default(false),
  /** Lets the key replace an existing identity. Without this a host is enrolled only once. */
  replace: z.boolean().default(false),
});
export type NewTarget = z.input<typeof newTargetSchema>;

/** Answer of `POST /targets`. `key` is shown only once. */
export const addedTargetSchema = z.object({
  host: hostIdSchema,
  key: z.string(),
  expiresAtMs: z.int(),
  /** URL of the hub for the host. */
  hubUrl: z.string(),
  /** Command to run on the host, which `installCommand` makes of the other fields. */
  command: z.string(),
  /** SHA-256 of the installer that the command runs, in hexadecimal. */
  installerSha256: z.string(),
  redis: z.object({
    /** True if the hub manages the Redis users itself. */
    applied: z.boolean(),
    /** Lines for `redis-cli`, without secrets, if it does not. */
    users: z.array(z.string()),
  }),
});
export type AddedTarget = z.infer<typeof addedTargetSchema>;

const identityFields = z.object({
  agent: z.boolean(),
  runner: z.boolean(),
  enrolledAtMs: z.int(),
  /** Time since which the passwords are valid: of the last rotation, or of the enrolment. */
  passwordsSinceMs: z.int(),
  /** `null`: not stored. */
  enrolledBy: z.string().nullable(),
  /** True if it replaced an earlier identity of the host. */
  isReplacement: z.boolean(),
});
/** Origin of the Redis credentials of an enrolled host. */
export const enrolledHostSchema = identityFields.extend({ host: hostIdSchema });
export type EnrolledHost = z.infer<typeof enrolledHostSchema>;

/** Answer of `GET /targets/:host/identity`: the origin of a host's Redis credentials. */
export const shownIdentitySchema = z.object({
  host: hostIdSchema,
  /** `null`: the host is not enrolled. */
  identity: identityFields.nullable(),
});
export type ShownIdentity = z.infer<typeof shownIdentitySchema>;

/** Answer of `GET /identities`: the enrolled hosts, the oldest passwords first. */
export const identitiesSchema = z.object({ identities: z.array(enrolledHostSchema) });
export type Identities = z.infer<typeof identitiesSchema>;

/** Answer of `DELETE /targets/:host`. */
export const removedTargetSchema = z.object({
  host: hostIdSchema,
  redis: z.object({ applied: z.boolean(), lines: z.array(z.string()) }),
});
export type RemovedTarget = z.infer<typeof removedTargetSchema>;

/** Answer of `POST /targets/:host/rotate`: the host has logged in with its new passwords. */
export const rotatedTargetSchema = z.object({
  host: hostIdSchema,
  roles: z.array(hostRoleSchema),
  passwordsSinceMs: z.int(),
});
export type RotatedTarget = z.infer<typeof rotatedTargetSchema>;

/** Answer of `POST /targets/:host/release`. */
export const releasedTargetSchema = z.object({
  host: hostIdSchema,
  redis: z.object({
    /** True if the hub creates the host's Redis users itself. */
    applied: z.boolean(),
    /** Lines for `redis-cli`, without secrets, if it does not. */
    lines: z.array(z.string()),
  }),
});
export type ReleasedTarget = z.infer<typeof releasedTargetSchema>;

/** Body of `POST /enrol`. */
export const enrolRequestSchema = z.strictObject({
  key: z.string().refine((text) => isSecretText(text, ENROLMENT_PREFIX), {
    error: `must be an enrolment key: ${ENROLMENT_PREFIX} and 43 characters`,
  }),
  roles: z.array(hostRoleSchema).min(1).max(2),
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
